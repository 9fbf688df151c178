// What an application has to give the TypeScript SDKs: a memory, and a browser.
// The browser is the program in $ROBOT: it is given the authorization URL and
// prints the callback URL.
import { execFileSync } from 'node:child_process';

export class Memory {
  #tokens; #client; #verifier; #state = crypto.randomUUID();
  signIns = 0;
  callback;
  get redirectUrl() { return 'http://127.0.0.1:43210/callback'; }
  get clientMetadata() {
    return {
      client_name: 'interop', redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'none',
    };
  }
  state() { return this.#state; }
  clientInformation() { return this.#client; }
  saveClientInformation(c) { this.#client = c; }
  tokens() { return this.#tokens; }
  saveTokens(t) { this.#tokens = t; }
  saveCodeVerifier(v) { this.#verifier = v; }
  codeVerifier() { return this.#verifier; }
  redirectToAuthorization(url) {
    this.signIns++;
    this.callback = new URL(execFileSync(process.env.ROBOT, ['-robot', String(url)], { encoding: 'utf8' }).trim());
    const got = this.callback.searchParams;
    check(got.get('state') === this.#state, 'the state came back');
    check(got.get('iss') === url.origin, 'iss is the authorization server (RFC 9207)');
  }
  // spoil makes the access token one that the server does not know.
  spoil() { this.#tokens = { ...this.#tokens, access_token: 'mcpat_spoiled' }; }
}

export function check(ok, what) {
  if (!ok) throw new Error('not so: ' + what);
}

// run signs in, calls a tool, and calls it again with a spoiled access token:
// then the client has to refresh, without another sign-in.
export async function run(connect, finish, memory, tool) {
  let client;
  try {
    client = await connect();
    throw new Error('a stranger was let in');
  } catch (e) {
    if (e.constructor.name !== 'UnauthorizedError') throw e;
  }
  await finish(memory.callback);
  client = await connect();
  const { tools } = await client.listTools();
  check(tools.some(t => t.name === tool), tool + ' is listed');
  console.log('called:', text(await client.callTool({ name: tool, arguments: {} })));
  const before = memory.tokens().access_token;
  memory.spoil();
  console.log('after a refresh:', text(await client.callTool({ name: tool, arguments: {} })));
  check(memory.tokens().access_token !== before, 'the refresh gave a new access token');
  check(memory.signIns === 1, 'the user signed in once');
  await client.close();
}

function text(result) {
  check(!result.isError && result.content.length > 0, 'the tool answered');
  return JSON.stringify(result.content[0].text);
}
