// node inspector.mjs URL TOOL WRITE ARGS: the Inspector's command line. Each command
// is a new process; tokens are in files below a home of our own.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, revoke, scopes, step } from './session.mjs';

// inspector is the command line with a home of its own.
export async function inspector(home) {
  const port = await new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  const launcher = join(import.meta.dirname ?? '.', 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const env = {
    ...process.env, HOME: home, MCP_INSPECTOR_SECRET_STORE: 'file', MCP_AUTO_OPEN_ENABLED: 'true', BROWSER: process.env.ROBOT,
  };
  // run returns what a command printed, and how often it sent the user to sign in.
  return (where, ...args) => new Promise(resolve => {
    const all = [launcher, '--cli', ...where, '-q', '--callback-url', `http://127.0.0.1:${port}/oauth/callback`, '--format', 'json', ...args];
    const child = execFile(process.execPath, all, { env, timeout: 60000, maxBuffer: 1 << 26 }, (e, stdout, stderr) => {
      resolve({ code: e ? e.code ?? e.signal : 0, stdout, stderr, signIns: stderr.split('Please navigate to:').length - 1 });
    });
    child.stdin.end();
  });
}

export async function withHome(use) {
  const home = mkdtempSync(join(tmpdir(), 'mcp-inspector-'));
  try {
    await use(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

// kept returns the client's tokens and identifier as they are in its files, and
// replaces the access token.
function kept(home, url, access) {
  const file = join(home, '.mcp-inspector/secrets.json');
  const all = JSON.parse(readFileSync(file, 'utf8'));
  const [name, ...more] = Object.keys(all.secrets).filter(k => k.includes(':tokens:'));
  check(name && more.length === 0, 'one sign-in is in the file of secrets');
  const tokens = JSON.parse(all.secrets[name]);
  if (access) {
    all.secrets[name] = JSON.stringify({ ...tokens, access_token: access });
    writeFileSync(file, JSON.stringify(all));
  }
  const server = JSON.parse(readFileSync(join(home, '.mcp-inspector/storage/oauth.json'), 'utf8')).servers[url];
  return { ...tokens, clientId: Object.values(server.byIssuer)[0].clientInformation.client_id };
}

// lives says whether the server takes an access token.
async function lives(url, token) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0', id: 1, method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'interop', version: '1' } },
    }),
  });
  await answer.body.cancel();
  check(answer.status === 200 || answer.status === 401, 'initialize is answered with ' + answer.status);
  return answer.status === 200;
}

function answered({ code, stdout, stderr, signIns }, want, what) {
  check(code === 0 && JSON.parse(stdout).result?.content?.length > 0, `${what}: exit code ${code}: ${stdout}${stderr}`);
  check(signIns === want, `${what}: the user signed in ${signIns} times, want ${want}`);
}

async function main([url, tool, write, args], home) {
  const run = await inspector(home);
  const server = ['--server-url', url, '--transport', 'http'];
  const read = ['--method', 'tools/call', '--tool-name', tool];
  answered(await run(server, ...read), 1, 'the first call');
  step('sign-in');

  kept(home, url, 'mcpat_spoiled');
  answered(await run(server, ...read), 0, 'a call with a spoiled token');
  const first = kept(home, url);
  check(first.access_token !== 'mcpat_spoiled', 'the refresh gave a new access token');
  step('refresh');

  // It calls only what is listed, and the list is what the user may call now. To have
  // more, the user names the scopes in a file and signs in anew.
  const call = ['--method', 'tools/call', '--tool-name', write, '--tool-args-json', args];
  const refused = await run(server, ...call);
  check(refused.code !== 0 && refused.signIns === 0, `it did not ask the user: exit code ${refused.code}, ${refused.signIns}`);
  const config = join(home, 'servers.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { it: { type: 'streamable-http', url, oauth: { scopes } } } }));
  answered(await run(['--config', config, '--server', 'it'], '--relogin', ...call), 1, 'a call with more scopes');
  step('step-up', JSON.parse(refused.stderr.trim().split('\n').pop()).error.code);

  const leftAlone = await lives(url, first.access_token);
  const { refresh_token: token, clientId } = kept(home, url);
  await revoke(url, token, clientId);
  answered(await run(server, ...read), 1, 'a call with a revoked token');
  step('revoke', leftAlone && '--relogin leaves the old sign-in alone');
}

if (process.argv[1] === import.meta.filename || process.argv[1]?.endsWith('/inspector.mjs')) {
  await withHome(home => main(process.argv.slice(2), home));
}
