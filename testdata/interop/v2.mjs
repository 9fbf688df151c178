// node v2.mjs URL TOOL WRITE ARGS: @modelcontextprotocol/client 2.x.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Memory, refusal, run } from './session.mjs';

const [url, tool, write, args] = process.argv.slice(2);
const memory = new Memory();
let transport;
const connect = async () => {
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: memory });
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(transport);
  return client;
};
const finish = callback => transport.finishAuth(callback.searchParams);

// It registered with the scope of the first challenge, and asks for more now.
async function stepUp(call) {
  const e = await refusal(call, 'a tool that needs more scopes');
  if (e.constructor.name !== 'UnauthorizedError') throw e;
  await finish(memory.callback);
  await call();
}
await run({ connect, finish, stepUp, memory, url, tool, write, args: JSON.parse(args) });
