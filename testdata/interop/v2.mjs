// node v2.mjs URL TOOL: @modelcontextprotocol/client 2.x signs in, calls and refreshes.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Memory, run } from './session.mjs';

const [url, tool] = process.argv.slice(2);
const memory = new Memory();
let transport;
const connect = async () => {
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: memory });
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(transport);
  return client;
};
await run(connect, callback => transport.finishAuth(callback.searchParams), memory, tool);
