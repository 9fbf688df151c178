// node remote.mjs URL TOOL: mcp-remote signs in, calls and, started again with a
// spoiled access token, refreshes. It speaks stdio to this script.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './session.mjs';

const [url, tool] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'mcp-remote-'));
let signIns = 0;

// session starts mcp-remote, initializes, calls the tool and stops it.
async function session() {
  const remote = join(import.meta.dirname ?? '.', 'node_modules/mcp-remote/dist/proxy.js');
  const child = spawn(process.execPath, [remote, url, '--allow-http'], {
    env: { ...process.env, MCP_REMOTE_CONFIG_DIR: home, HOME: home, BROWSER: 'true', PATH: process.env.PATH },
  });
  let said = '', asked = false;
  child.stderr.on('data', async chunk => {
    said += chunk;
    const found = said.match(/^\s*(http\S+\/oauth\/authorize\?\S+)/m);
    if (!found || asked) return;
    asked = true;
    signIns++;
    const callback = execFileSync(process.env.ROBOT, ['-robot', found[1]], { encoding: 'utf8' }).trim();
    await fetch(callback);
  });
  const answers = new Map();
  createInterface({ input: child.stdout }).on('line', line => {
    const m = JSON.parse(line);
    if (m.id !== undefined) answers.get(m.id)?.(m);
  });
  const ask = (id, method, params) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(method + ': no answer; mcp-remote said:\n' + said)), 30000);
    answers.set(id, m => { clearTimeout(timer); resolve(m); });
    child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\n');
  });
  try {
    await ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'interop', version: '1' } });
    child.stdin.write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }) + '\n');
    const answer = await ask(2, 'tools/call', { name: tool, arguments: {} });
    check(answer.result?.content?.length > 0, 'the tool answered: ' + JSON.stringify(answer));
    return JSON.stringify(answer.result.content[0].text);
  } finally {
    child.kill();
  }
}

// tokenFiles are the files in which mcp-remote keeps its tokens.
function tokenFiles(dir) {
  return readdirSync(dir).flatMap(name => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? tokenFiles(path) : name.endsWith('_tokens.json') ? [path] : [];
  });
}

try {
  console.log('called:', await session());
  const files = tokenFiles(home);
  check(files.length === 1, 'one file of tokens');
  const tokens = JSON.parse(readFileSync(files[0], 'utf8'));
  writeFileSync(files[0], JSON.stringify({ ...tokens, access_token: 'mcpat_spoiled' }));
  console.log('after a refresh:', await session());
  check(JSON.parse(readFileSync(files[0], 'utf8')).access_token !== 'mcpat_spoiled', 'the refresh gave a new access token');
  check(signIns === 1, 'the user signed in once, not ' + signIns + ' times');
} finally {
  rmSync(home, { recursive: true, force: true });
}
