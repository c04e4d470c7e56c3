/** Subscribing as people do: the form of the published page, in a browser without scripts, at the real routes. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import fastify from 'fastify';
import { openStatusDatabase } from '../../../src/status/database.ts';
import { layout } from '../../../src/status/page/layout.ts';
import { pageFiles } from '../../../src/status/page/page-files.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import type { SubscriberMessage } from '../../../src/status/subscribers/message.ts';
import { registerSubscribers } from '../../../src/status/subscribers/routes.ts';
import { openSubscribers } from '../../../src/status/subscribers/subscribers.ts';
import { systemRandom } from '../../../src/std/random.ts';
import { HandClock } from '../hand-clock.ts';
import { noBrowser, startBrowser } from './browser.ts';
import { sampleViews } from './sample-views.ts';

test('an address and a part are chosen on the page, the message is asked for, and its button subscribes', {
  skip: noBrowser,
}, async (t) => {
  const view = sampleViews.well!;
  const sent: SubscriberMessage[] = [];
  const subscribers = openSubscribers({
    db: openStatusDatabase(':memory:', schemaSteps),
    clock: new HandClock(),
    random: systemRandom,
    page: view.page,
    components: () => view.components,
    enqueue: (message) => sent.push(message),
    isMailPossible: true,
    isAnyHost: false,
  });
  const app = fastify({ forceCloseConnections: true });
  registerSubscribers(app, subscribers, (title, body, root) => layout({ pageName: 'Holdfast', title, root, body }));
  for (const file of pageFiles(view)) {
    app.get(`/${file.path}`, (_request, reply) => reply.type(file.contentType).send(file.body));
  }
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const browser = await startBrowser(t);
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(`${base}/subscribe.html`);
  const form = page.locator('form').first();
  await form.getByLabel('Your address').fill('ada@example.org');
  await form.getByText('Only about some parts').click();
  await form.getByLabel('Publish: .NET packages').check();
  await form.getByRole('button', { name: 'Subscribe' }).click();
  assert.deepEqual(
    sent.map(({ target }) => target),
    [{ kind: 'mail', to: 'ada@example.org' }],
  );
  const link = /https:\/\/status\.example\.org(\/subscribe\/confirm\/\S+)/.exec(sent[0]!.text)?.[1];
  await page.goto(`${base}${link}`);
  await page.getByRole('button', { name: 'Confirm' }).click();
  assert.deepEqual(
    subscribers.confirmed().map(({ components }) => components),
    [['publish/nuget']],
  );
});
