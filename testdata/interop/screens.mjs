// node screens.mjs SCENE: opens the pages that people see in Chromium, with
// JavaScript disabled, in several sizes, checks each, and takes pictures.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const scene = JSON.parse(process.argv[2]);
const redirect = 'http://127.0.0.1:43211/callback';
// CSS pixels. 195 is a phone at a zoom of 200 %, 320 also a desktop at 400 %.
const sizes = {
  phone: [390, 844], small: [320, 568], zoomed: [195, 422], desktop: [1280, 800], letters: [390, 844],
};
// What a person has set as the size of letters; twice the usual in the last.
const lettersOf = size => size === 'letters' ? 32 : 16;
// Pictures that are kept: page, size, colours.
const kept = [
  /^(consent|chooser|dev|dev-wrong|signout|signedout|error|denied)-phone-(light|dark)$/,
  /^(hostile|consent)-small-light$/, /^(consent|chooser)-desktop-(light|dark)$/,
];
const problems = [];
let checks = 0;
function check(ok, what) {
  checks++;
  if (!ok) problems.push(what);
}

async function register(resource, name, uri = redirect) {
  const res = await fetch(new URL('/oauth/register', resource), {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: name, redirect_uris: [uri], token_endpoint_auth_method: 'none' }),
  });
  if (!res.ok) throw new Error(await res.text());
  return (await res.json()).client_id;
}

const verifier = randomBytes(32).toString('base64url');

function link(resource, id, more = {}) {
  const url = new URL('/oauth/authorize', resource);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const params = { client_id: id, redirect_uri: redirect, response_type: 'code', state: 's', code_challenge: challenge, code_challenge_method: 'S256', ...more };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
}

// Runs in the page: everything about it that a person may stumble over.
function inspect(letters) {
  const out = [];
  const root = document.documentElement;
  const say = (what, el) => out.push(what + (el ? `: <${el.tagName.toLowerCase()}> ${(el.textContent || el.name || '').trim().slice(0, 60)}` : ''));
  if (root.scrollWidth > root.clientWidth) say(`it scrolls sideways, ${root.scrollWidth} in ${root.clientWidth} px`);
  for (const el of document.querySelectorAll('main *')) {
    const r = el.getBoundingClientRect();
    if (r.width && (r.right > root.clientWidth + 1 || r.left < -1)) say('it sticks out', el);
  }
  if (parseFloat(getComputedStyle(document.body).fontSize) !== letters) say("its letters don't have the size that the person wants");
  if (root.lang !== 'en') say('it has no language');
  if (!document.title) say('it has no title');
  if (document.querySelectorAll('h1').length !== 1) say('it has not one heading');
  if (document.querySelectorAll('main').length !== 1) say('it has no main part');
  if (!/width=device-width/.test(document.querySelector('meta[name=viewport]')?.content)) say('it has no viewport');
  if (/maximum-scale|user-scalable/.test(document.querySelector('meta[name=viewport]')?.content)) say('it forbids to zoom');
  if (document.querySelector('script, iframe, img, [onclick], [style]')) say('it has more than text and one style sheet');

  const controls = [...document.querySelectorAll('button, a[href], input:not([type=hidden])')];
  for (const el of controls) {
    const name = el.tagName === 'INPUT' ? [...(el.labels ?? [])].map(l => l.textContent).join(' ') : el.textContent;
    if (!name.trim()) say('a control has no name', el);
    // What a finger hits: the control, or the label around it. A link within a
    // sentence is exempt (WCAG 2.5.8).
    const target = el.closest('label') ?? el;
    const r = target.getBoundingClientRect();
    if (el.tagName !== 'A' && (r.height < 44 || r.width < 44)) say(`a target of ${Math.round(r.width)} x ${Math.round(r.height)} px`, target);
  }

  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = s => (s.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const behind = el => {
    for (let e = el; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches && getComputedStyle(root).colorScheme.includes('dark') ? [18, 18, 18] : [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walker.nextNode());) {
    const el = n.parentElement;
    if (!n.textContent.trim() || el.closest('style')) continue;
    const s = getComputedStyle(el), px = parseFloat(s.fontSize);
    const large = px >= 24 || (px >= 18.66 && Number(s.fontWeight) >= 700);
    const got = ratio(parse(s.color), behind(el));
    if (got < (large ? 3 : 4.5)) say(`contrast ${got.toFixed(2)}`, el);
    if (px < 14) say(`letters of ${px} px`, el);
  }
  // The edge of a field or button must be seen too (WCAG 1.4.11).
  for (const el of document.querySelectorAll('button, input:not([type=hidden]):not([type=radio])')) {
    const s = getComputedStyle(el), outside = behind(el.parentElement);
    const edge = Math.max(ratio(parse(s.borderTopColor), outside), ratio(behind(el), outside));
    if (edge < 3) say(`an edge with contrast ${edge.toFixed(2)}`, el);
  }
  return out;
}

// byKeyboard tabs through the page, and wants every control in the order of the
// page, with a frame around the one that has the focus.
async function byKeyboard(page, name) {
  const want = await page.evaluate(() => {
    const seen = new Set();
    return [...document.querySelectorAll('button, a[href], input:not([type=hidden])')].filter(el => {
      if (el.type !== 'radio') return true;
      if (seen.has(el.name)) return false; // a group is one stop
      return seen.add(el.name);
    }).map(el => el.name + el.textContent.trim() + (el.href ?? ''));
  });
  await page.mouse.click(1, 1); // so that Tab begins at the top
  const got = [];
  for (let i = 0; i < want.length; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const el = document.activeElement, s = getComputedStyle(el);
      return { name: (el.name ?? '') + el.textContent.trim() + (el.href ?? ''), seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 };
    });
    got.push(at.name);
    check(at.seen, `${name}: nothing shows that ${JSON.stringify(at.name)} has the focus`);
  }
  check(JSON.stringify(got) === JSON.stringify(want), `${name}: Tab goes to ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

// The client that the browser is sent back to.
const client = createServer((req, res) => res.setHeader('content-type', 'text/html').end('<title>back</title>'));
await new Promise((resolve, reject) => client.on('error', reject).listen(new URL(redirect).port, '127.0.0.1', resolve));

const launch = letters => chromium.launch({
  executablePath: scene.browser,
  args: ['--no-sandbox', '--force-color-profile=srgb', '--disable-lcd-text', '--blink-settings=defaultFontSize=' + letters],
});
let browser;

// withPage gives f a page of that size and colours, without JavaScript.
async function withPage(size, colorScheme, f) {
  const [width, height] = sizes[size];
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, javaScriptEnabled: false, locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  page.on('console', m => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) check(false, 'the browser complains: ' + m.text()); });
  const look = async name => {
    const full = `${name}-${size}-${colorScheme}`;
    const found = await page.evaluate(inspect, lettersOf(size));
    check(found.length === 0, `${full}: ${found.join('; ')}`);
    await byKeyboard(page, full);
    await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
    if (kept.some(k => k.test(full))) await page.screenshot({ path: join(scene.dir, full + '.png'), fullPage: true });
  };
  try {
    await f(page, look);
  } finally {
    await context.close();
  }
}

// press goes to a button with the keyboard alone, and presses it.
async function press(page, name) {
  await page.mouse.click(1, 1);
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.textContent.trim()) === name) {
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      return;
    }
  }
  throw new Error('no way to ' + name + ' by keyboard');
}

// visit goes through everything that one person sees.
async function visit(page, look) {
  const id = await register(scene.plain, 'Claude Code');
  await page.goto(link(scene.plain, 'nobody'));
  await look('error');
  await page.goto(link(scene.plain, id));
  await look('consent');
  await press(page, 'Do not allow');
  await look('denied');
  await page.goto(link(scene.plain, id));
  await press(page, 'Allow');
  await look('dev');
  await page.fill('#code', 'wrong');
  await press(page, 'Sign in');
  await look('dev-wrong');
  await page.fill('#user', 'ada');
  await page.fill('#code', scene.code);
  await press(page, 'Sign in');
  check(page.url().startsWith(redirect + '?') && /[?&]code=/.test(page.url()), 'by keyboard alone one comes back with a code, not to ' + page.url());
  const code = new URL(page.url()).searchParams.get('code');
  const form = { grant_type: 'authorization_code', code, client_id: id, redirect_uri: redirect, code_verifier: verifier };
  const res = await fetch(new URL('/oauth/token', scene.plain), { method: 'POST', body: new URLSearchParams(form) });
  check(res.ok, 'the code is redeemed: ' + await res.text());
  await page.goto(link(scene.plain, id, { scope: 'mcp:read' }));
  await look('again');
  await page.goto(new URL('/oauth/signout', scene.plain).href);
  await look('signout');
  await press(page, 'Sign out everywhere');
  await look('signedout');
  await page.goto(new URL('/oauth/dev/signin?state=none', scene.plain).href);
  await look('dev-ended');
  const other = await register(scene.crowded, 'Claude Code');
  await page.goto(link(scene.crowded, other, { scope: 'mcp:read' }));
  await look('chooser');
  const long = 'https://a-very-long-label-of-sixty-letters-that-has-no-place-to-break-at.notes.test/' + 'callback'.repeat(30);
  await page.goto(link(scene.crowded, await register(scene.crowded, scene.name, long), { scope: 'mcp:read ' + scene.scopes, redirect_uri: long }));
  await look('hostile');
}

try {
  for (const size of Object.keys(sizes)) {
    browser = await launch(lettersOf(size));
    for (const colorScheme of ['light', 'dark']) await withPage(size, colorScheme, visit);
    await browser.close();
  }
} finally {
  await browser?.close();
  client.closeAllConnections();
  client.close();
}
console.log(`${checks} checks of pages in ${Object.keys(sizes).length} sizes, light and dark, by keyboard and without JavaScript: ${problems.length} problems`);
if (problems.length) {
  console.error([...new Set(problems)].join('\n'));
  process.exit(1);
}
