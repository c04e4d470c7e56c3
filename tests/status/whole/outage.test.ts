/** An outage from its first second to its end, as everybody sees it: whoever looks, whoever is on duty, whoever subscribed. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import ical from 'ical.js';
import { startGallery, temporaryFolder, waitFor } from '../../gallery.ts';
import { type HttpReceiver, type MailReceiver, receiveHttp, receiveMail } from '../channels/receivers.ts';
import { type Letter, readLetter } from './letters.ts';
import { quick, type RunningStatus, startStatus, untilWell } from './running.ts';

const secret = 'between us and the pager';
const reader = 'reader@example.org';

const lettersTo = ({ mails }: MailReceiver, to: string) => mails.map(readLetter).filter((one) => one.to === to);
const eventOf = ({ body }: { body: string }) => JSON.parse(body) as { event: string; url: string };

async function watched(t: TestContext) {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const [pager, smtp, own] = [await receiveHttp(t), await receiveMail(t), await temporaryFolder(t)];
  writeFileSync(join(own, 'secret'), `${secret}\n`);
  const status = await startStatus(
    t,
    quick(gallery, {
      page: { name: 'Our <gallery>' },
      mail: { host: '127.0.0.1', port: smtp.port, from: 'Status <status@example.org>' },
      channels: [
        { kind: 'webhook', name: 'pager', url: `${pager.url}/hook`, secretFile: join(own, 'secret') },
        { kind: 'mail', name: 'ada by mail', to: 'ada@example.org' },
      ],
      onCall: {
        people: [{ name: 'Ada', channels: ['pager', 'ada by mail'] }],
        escalation: [{ afterSeconds: 0, notify: ['Ada'] }],
      },
    }),
  );
  await untilWell(status);
  return { gallery, pager, smtp, status };
}

/** With the page’s own form, for one part only; the link in the mail leads to a button, and the button subscribes. */
async function subscribe(status: RunningStatus, smtp: MailReceiver): Promise<void> {
  const form = await status.text('/subscribe.html');
  const [, action = ''] = /<form method="post" action="([^"]+)">/.exec(form) ?? [];
  const [, field = ''] = /<input type="checkbox"[^>]* name="([^"]+)" value="website">/.exec(form) ?? [];
  const send = (address: string, chosen: string) =>
    fetch(new URL(action, `${status.url}/subscribe.html`), {
      method: 'POST',
      body: new URLSearchParams({ kind: 'mail', address, [field]: chosen }),
    });
  assert.equal((await send('other@example.org', 'search/none')).status, 400, 'what is chosen is looked at');
  const asked = await send(reader, 'website');
  assert.equal(asked.status, 202);
  assert.match(asked.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal(asked.headers.get('cache-control'), 'no-store');
  await waitFor(() => lettersTo(smtp, reader).length === 1);
  const link = lettersTo(smtp, reader)[0]!.links.find((one) => one.includes('/subscribe/confirm/')) ?? '';
  const shown = await (await fetch(link)).text();
  assert.match(shown, /<title>Confirm your subscription · Our &lt;gallery&gt; status<\/title>/);
  assert.equal((await fetch(link, { method: 'POST' })).status, 200);
}

/** The page, the API, an incident, and everybody who ought to know. @returns the incident’s id */
async function seenByAll(status: RunningStatus, pager: HttpReceiver, smtp: MailReceiver): Promise<string> {
  await waitFor(async () => (await status.component('Website')) === 'major_outage');
  await waitFor(async () => (await status.indicator()) === 'critical');
  const { incidents } = await status.json('/api/v2/incidents/unresolved.json');
  assert.equal(incidents.length, 1, 'one outage is one incident');
  assert.equal(incidents[0].status, 'investigating');
  const front = await status.text('/');
  assert.match(front, /Nothing works at the moment\./);
  assert.ok(front.includes(`incidents/${incidents[0].id}.html`));
  await waitFor(() => pager.calls.some((call) => eventOf(call).event === 'alarm.firing'));
  await waitFor(() => lettersTo(smtp, 'ada@example.org').some(({ text }) => text.includes('/confirm/')));
  await waitFor(() => lettersTo(smtp, reader).some(({ subject }) => subject.includes('Investigating:')));
  for (const { headers, body } of pager.calls) {
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-holdfast-signature'])) ?? [];
    assert.equal(hex, createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  }
  const { url } = eventOf(pager.calls.find((call) => eventOf(call).event === 'alarm.firing')!);
  const confirmed = await fetch(url, { method: 'POST', body: new URLSearchParams({ by: 'Ada' }) });
  assert.match(await confirmed.text(), /Ada<\/bdi> looks after it/);
  return incidents[0].id;
}

/** @returns the mails with news that the subscriber has got: one for each update that is about the website */
async function toldAsOver(status: RunningStatus, smtp: MailReceiver, id: string): Promise<readonly Letter[]> {
  const incident = async () => (await status.json(`/api/v2/incidents/${id}.json`)).incident;
  await waitFor(async () => (await incident()).status === 'resolved');
  await untilWell(status);
  const told = async (): Promise<readonly string[]> =>
    (await incident()).incident_updates.map((update: { status: string }) => update.status);
  const news = () => lettersTo(smtp, reader).filter(({ subject }) => !subject.includes('Confirm'));
  const steps = () => news().map(({ subject }) => /\] (\w+):/.exec(subject)?.[1]?.toLowerCase());
  // Several mails are under way at once, so that the last may come first. What was told before the website joined the outage is not
  // for those who chose the website.
  await waitFor(() => ['investigating', 'monitoring', 'resolved'].every((step) => steps().includes(step)));
  const all = await told();
  assert.ok(steps().length <= all.length, 'no update is mailed twice');
  assert.deepEqual([all[0], all.at(-1), all.includes('monitoring')], ['resolved', 'investigating', true]);
  return news();
}

async function agreed(status: RunningStatus, id: string): Promise<void> {
  const { name, started_at, resolved_at } = (await status.json(`/api/v2/incidents/${id}.json`)).incident;
  const page = await status.text(`/incidents/${id}.html`);
  for (const figure of ['Detected after', 'Told after', 'Mended after']) assert.ok(page.includes(figure), figure);
  const atom = await status.text('/history.atom');
  assert.ok(atom.includes(name) && atom.includes(`/incidents/${id}`));
  const calendar = new ical.Component(ical.parse(await status.text('/calendar.ics')));
  const events = calendar.getAllSubcomponents('vevent').map((one) => new ical.Event(one));
  const event = events.find(({ uid }) => uid.includes(id));
  const second = (time: string) => Math.floor(Date.parse(time) / 1_000);
  assert.deepEqual(
    [event?.startDate.toUnixTime(), event?.endDate.toUnixTime(), event?.summary.startsWith(name)],
    [second(started_at), second(resolved_at), true],
  );
  const cell = /Website<\/bdi><\/a><\/th><td class="number">([\d.]+)\s?%/.exec(await status.text('/uptime.html'));
  assert.ok(Number(cell?.[1]) < 100 && Number(cell?.[1]) >= 0, `uptime of this month: ${cell?.[1]}`);
}

test('an outage is seen, told to everybody who ought to know, and told as over', async (t) => {
  const { gallery, pager, smtp, status } = await watched(t);
  await subscribe(status, smtp);
  await gallery.stop();
  const id = await seenByAll(status, pager, smtp);
  await startGallery(t, { HOLDFAST_PORT: String(gallery.port), HOLDFAST_READ_WORKERS: '1' }, gallery.dataDir);
  const news = await toldAsOver(status, smtp, id);
  await agreed(status, id);
  assert.equal(lettersTo(smtp, 'other@example.org').length, 0);

  const [, unsubscribe = ''] = /^<(.+)>$/.exec(news[0]!.header('List-Unsubscribe') ?? '') ?? [];
  assert.equal(news[0]!.header('List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click');
  const click = { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) };
  assert.equal((await fetch(unsubscribe, click)).status, 200);
  const authorization = `Bearer ${status.token()}`;
  const left = await fetch(`${status.url}/api/subscribers`, { headers: { authorization } });
  assert.deepEqual(await left.json(), { subscribers: { confirmed: 0, awaiting: 0 } });
});
