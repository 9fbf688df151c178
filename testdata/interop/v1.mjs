// node v1.mjs URL TOOL WRITE ARGS: @modelcontextprotocol/sdk 1.x.
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { check, Memory, refusal, run, scopes } from './session.mjs';

const [url, tool, write, args] = process.argv.slice(2);
const memory = new Memory();
let transport;
const connect = async () => {
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: memory });
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(transport);
  return client;
};
const finish = callback => transport.finishAuth(callback.searchParams.get('code'));

// It holds a refresh token, so it refreshes, which can't give more scopes, and gives
// up. Its program can sign the user in again.
async function stepUp(call) {
  const e = await refusal(call, 'a tool that needs more scopes');
  check(memory.signIns === 1, 'the user was not asked');
  memory.invalidateCredentials('tokens');
  check(await auth(memory, { serverUrl: url, scope: scopes }) === 'REDIRECT', 'the program signs in again');
  await finish(memory.callback);
  await call();
  return e.message;
}
await run({ connect, finish, stepUp, memory, url, tool, write, args: JSON.parse(args) });
