// node v1.mjs URL TOOL: @modelcontextprotocol/sdk 1.x signs in, calls and refreshes.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
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
await run(connect, callback => transport.finishAuth(callback.searchParams.get('code')), memory, tool);
