/** What an operator does in a day, by clicking through the pages of a browser that runs no script. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Page } from 'playwright-core';
import { condition } from '../alarms/watch-house.ts';
import { hour, minute, start } from '../incidents/bench.ts';
import { noBrowser, startBrowser, violations } from '../page/browser.ts';
import { type OperatorHouse, operatorHouse, token } from './operator-house.ts';

/** The view says https, as it would behind a proxy; a browser on the machine itself comes over http. */
async function signedIn(
  t: Parameters<typeof operatorHouse>[0],
  options: { javaScriptEnabled?: boolean } = { javaScriptEnabled: false },
): Promise<{ own: OperatorHouse; page: Page }> {
  const own = await operatorHouse(t);
  const browser = await startBrowser(t);
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${own.url}/operator`);
  assert.equal(new URL(page.url()).pathname, '/operator/sign-in');
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Operator’s token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.match((await page.getByRole('alert').textContent()) ?? '', /not the operator’s token/);
  assert.equal(await page.getByLabel('Your name').inputValue(), 'Ada');
  await page.getByLabel('Operator’s token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.equal(new URL(page.url()).pathname, '/operator');
  return { own, page };
}

const minuteText = (at: number) => new Date(at).toISOString().slice(0, 16);
const said = async (page: Page) => (await page.getByRole('status').textContent()) ?? '';

test('an incident: opened, updated, corrected, resolved, explained', { skip: noBrowser }, async (t) => {
  const { own, page } = await signedIn(t);
  const only = () => own.bench.incidents.list()[0]!;
  await page.getByRole('link', { name: 'Open an incident' }).click();
  await page.getByRole('link', { name: 'cdn' }).click();
  await page.getByLabel('edge').fill('Edge <two>');
  await page.getByRole('button', { name: 'Fill in' }).click();
  assert.equal(await page.getByLabel('What people notice').inputValue(), 'Edge <two> is slow');
  await page.getByLabel('Impact').selectOption('Critical');
  await page.getByLabel('Began (UTC)').fill(minuteText(start - hour));
  await page.getByText('What is affected').click();
  await page.getByLabel('Python').selectOption('Partial outage');
  await page.getByRole('button', { name: 'Open and tell everybody' }).click();
  assert.equal(await said(page), 'The incident is open.');
  const { id, name, impact, startedAt, components, updates } = only();
  assert.deepEqual(
    [name, impact, startedAt, updates[0]!.author],
    ['Edge <two> is slow', 'critical', start - hour, 'Ada'],
  );
  assert.deepEqual(
    components.map(({ key, status }) => [key, status]),
    [['install/python', 'partial_outage']],
  );

  const update = page.locator('#update');
  await update.getByLabel('Step').selectOption('Identified');
  await update.getByLabel('Text').fill('A cable.\n\nIt is being replaced.');
  await update.getByRole('button').click();
  assert.equal(await said(page), 'The update is public.');
  assert.deepEqual([only().status, only().updates[0]!.body], ['identified', 'A cable.\n\nIt is being replaced.']);

  const edit = page.locator('#edit');
  await edit.getByLabel('Name').fill('x'.repeat(201));
  await edit.getByRole('button').click();
  assert.match((await edit.getByRole('alert').textContent()) ?? '', /longer than 200 characters/);
  await edit.getByLabel('Name').fill('Edge two is gone');
  await edit.getByLabel('Impact').selectOption('major');
  await edit.getByRole('button').click();
  assert.deepEqual([only().name, only().impact, only().startedAt], ['Edge two is gone', 'major', start - hour]);

  await page.locator('#text').getByLabel('New text').fill('A fibre.');
  await page.locator('#text').getByRole('button').click();
  assert.equal(only().updates[0]!.body, 'A fibre.');

  await page.locator('#resolve').getByRole('button').click();
  assert.equal(await said(page), 'The incident is resolved.');
  assert.equal(only().status, 'resolved');
  assert.equal(await page.locator('#resolve').count(), 0);

  const postmortem = page.locator('#postmortem').getByRole('textbox');
  assert.match(await postmortem.inputValue(), /^# Edge two is gone\r?\n/);
  assert.equal(only().postmortem, undefined);
  await postmortem.fill('We laid a second fibre.');
  await page.locator('#postmortem').getByRole('button').click();
  assert.equal(await said(page), 'The postmortem is public.');
  assert.equal(own.bench.incidents.find(id)!.postmortem, 'We laid a second fibre.');
});

test('two incidents become one', { skip: noBrowser }, async (t) => {
  const { own, page } = await signedIn(t);
  for (const name of ['First', 'Second']) own.bench.incidents.open({ name, body: 'x', author: 'Ada' });
  await page.reload();
  await page.getByRole('link', { name: 'Second' }).click();
  await page.locator('#merge').getByLabel('It is part of').selectOption('First');
  await page.locator('#merge').getByRole('button').click();
  assert.equal(await said(page), 'They are one incident now.');
  assert.deepEqual(
    own.bench.incidents.list().map(({ name }) => name),
    ['First'],
  );
});

test('maintenance: announced, moved, ended; a form that is refused keeps what was typed', {
  skip: noBrowser,
}, async (t) => {
  const { own, page } = await signedIn(t);
  await page.getByRole('link', { name: 'Announce maintenance' }).click();
  await page.getByLabel('What is done').fill('New disks');
  await page.getByLabel('What people will notice').fill('Nothing, we hope.');
  await page.getByLabel('Begins (UTC)').fill(minuteText(start + hour));
  await page.getByLabel('Ends (UTC)').fill(minuteText(start));
  await page.getByText('What is affected').click();
  await page.getByLabel('Website').selectOption('Under maintenance');
  await page.getByRole('button', { name: 'Announce' }).click();
  assert.match((await page.getByRole('alert').textContent()) ?? '', /ends after it begins/);
  assert.equal(await page.getByLabel('What is done').inputValue(), 'New disks');
  assert.equal(await page.getByLabel('Begins (UTC)').inputValue(), minuteText(start + hour));
  assert.equal(await page.getByLabel('Website').inputValue(), 'under_maintenance');
  await page.getByLabel('Ends (UTC)').fill(minuteText(start + 2 * hour));
  await page.getByRole('button', { name: 'Announce' }).click();
  assert.equal(await said(page), 'The maintenance is announced.');
  const only = () => own.bench.incidents.list()[0]!;
  assert.deepEqual(
    [only().scheduledFor, only().scheduledUntil, only().components[0]?.key],
    [start + hour, start + 2 * hour, 'website'],
  );
  await page
    .locator('#edit')
    .getByLabel('Ends (UTC)')
    .fill(minuteText(start + 3 * hour));
  await page.locator('#edit').getByRole('button').click();
  assert.equal(only().scheduledUntil, start + 3 * hour);
  own.bench.clock.at += hour + minute;
  own.bench.incidents.followClock();
  await page.reload();
  await page.locator('#end').getByRole('button').click();
  assert.equal(await said(page), 'The maintenance is over.');
  assert.equal(only().status, 'completed');
});

test('alarms: seen, confirmed, silenced, the silence ended; a moment marked; then signed out', {
  skip: noBrowser,
}, async (t) => {
  const { own, page } = await signedIn(t);
  own.house.conditions = [condition()];
  await own.house.pass(0);
  await page.reload();
  assert.match(
    (await page.locator('main').textContent()) ?? '',
    /Installing Python packages fails.*Of two edges none answers/s,
  );
  await page.getByRole('button', { name: 'Confirm: Installing Python packages fails' }).click();
  assert.equal(await said(page), 'You look after the alarm.');
  assert.equal(own.house.alarms.firing()[0]!.confirmedBy, 'Ada');
  const silence = page.locator('#silence');
  await silence.getByLabel('Key of the alarm').fill('probe:install/*');
  await silence.getByLabel('Why').fill('We know.');
  await silence.getByLabel('Until (UTC)').fill(minuteText(start - hour));
  await silence.getByRole('button').click();
  assert.equal(await silence.getByRole('alert').count(), 1);
  assert.equal(await silence.getByLabel('Why').inputValue(), 'We know.');
  await silence.getByLabel('Until (UTC)').fill(minuteText(start + hour));
  await silence.getByRole('button').click();
  assert.equal(await said(page), 'The silence is in force.');
  assert.deepEqual(
    own.house.alarms.silences().map(({ pattern, author, until }) => [pattern, author, until]),
    [['probe:install/*', 'Ada', start + hour]],
  );
  await page.getByRole('button', { name: 'End: probe:install/*' }).click();
  assert.equal(await said(page), 'The silence has ended.');
  await page.getByRole('link', { name: 'Operator’s pages' }).click();
  await page.getByLabel('What happened').fill('Deployed 1.2.3');
  await page.getByRole('button', { name: 'Mark' }).click();
  assert.equal(await said(page), 'The moment is marked.');
  assert.deepEqual(
    own.bench.incidents.marks(0, start + hour).map(({ text }) => text),
    ['Deployed 1.2.3'],
  );
  await page.getByRole('button', { name: /^Sign out/ }).click();
  await page.goto(`${own.url}/operator`);
  assert.equal(new URL(page.url()).pathname, '/operator/sign-in');
});

test('from the message on a phone: the link, a name, a button', { skip: noBrowser }, async (t) => {
  const own = await operatorHouse(t);
  own.house.conditions = [condition()];
  await own.house.pass(0);
  const browser = await startBrowser(t);
  const page = await (
    await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
  ).newPage();
  await page.goto(own.url + new URL(own.house.pagers.anna!.taken[0]!.url ?? '').pathname);
  await page.getByLabel('Your name').fill('Anna');
  await page.getByRole('button', { name: 'Confirm' }).click();
  assert.match(
    (await page.locator('main').textContent()) ?? '',
    /Confirmed.*Installing Python packages fails.*Anna looks after it/s,
  );
  assert.equal(own.house.alarms.firing()[0]!.confirmedBy, 'Anna');
});

test('axe finds nothing amiss on the operator’s pages, and they fit a phone', { skip: noBrowser }, async (t) => {
  const { own, page } = await signedIn(t, {});
  own.house.conditions = [condition()];
  await own.house.pass(0);
  own.house.alarms.silence({ pattern: 'x*', reason: 'We know.', author: 'Ada', from: start, until: start + hour });
  const opened = own.bench.incidents.open({ name: 'N'.repeat(200), body: 'x', author: 'Ada' });
  own.bench.incidents.open({ name: 'Other', body: 'x', author: 'Ada' });
  await page.setViewportSize({ width: 320, height: 640 });
  const id = 'id' in opened ? opened.id : '';
  const paths = [
    'operator',
    'operator/incidents',
    'operator/incidents/new?template=cdn',
    'operator/maintenance/new',
    `operator/incidents/${id}?done=updated`,
    'operator/alarms',
    'confirm/x',
    'operator/sign-in',
    'operator/incidents/none',
  ];
  const found: string[] = [];
  for (const path of paths) {
    await page.goto(`${own.url}/${path}`);
    for (const violation of await violations(page)) found.push(`${path}: ${violation}`);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    if (width !== 320) found.push(`${path} is ${width} pixels wide`);
  }
  assert.deepEqual(found, []);
});
