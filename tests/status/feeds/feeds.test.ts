/** Feeds and the calendar, read by a strict XML parser and a calendar library, for every view. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { SaxesParser } from 'saxes';
import { feedEntriesMax } from '../../../src/status/feeds/entries.ts';
import { feedFiles } from '../../../src/status/feeds/files.ts';
import type { Incident, StatusView } from '../../../src/status/model.ts';
import { anyView, dayMs, incident, incidentUpdate, maintenance, viewAt, viewOf } from '../views.ts';

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

/** Throws at the first thing that is not well-formed XML with namespaces. */
function parseXml(text: string): Node {
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const plain = Object.fromEntries(Object.entries(attributes).map(([key, { value }]) => [key, value]));
    const node: Node = { name, attributes: plain, children: [], text: '' };
    open.at(-1)!.children.push(node);
    open.push(node);
  });
  parser.on('text', (part) => {
    open.at(-1)!.text += part;
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  return root.children[0]!;
}

const all = (node: Node, name: string) => node.children.filter((child) => child.name === name);
const one = (node: Node, name: string) => {
  const found = all(node, name);
  assert.equal(found.length, 1, `${name} in ${node.name}`);
  return found[0]!;
};

function textOf(view: StatusView, path: string): string {
  return feedFiles(view)
    .find((file) => file.path === path)!
    .body.toString();
}

const recent = (view: StatusView) =>
  view.incidents.filter(({ updatedAt, startedAt }) => Math.max(updatedAt, startedAt) >= view.at - 90 * dayMs);
/** What XML can carry of a text. */
const carried = (text: string) =>
  text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/\r\n/g, '\r\n');

test('the Atom feed of every view is well-formed, complete, and has each incident once under a lasting id', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const feed = parseXml(textOf(view, 'history.atom'));
      assert.equal(feed.attributes.xmlns, 'http://www.w3.org/2005/Atom');
      for (const name of ['id', 'title', 'updated', 'author']) one(feed, name);
      const entries = all(feed, 'entry');
      const shown = recent(view);
      assert.deepEqual(
        entries.map((entry) => one(entry, 'id').text),
        shown.map(({ kind, id }) => `tag:status.example.org,2026:${kind}-${id}`),
      );
      for (const [index, entry] of entries.entries()) {
        const { name, updates, id, updatedAt } = shown[index]!;
        assert.equal(one(entry, 'title').text, carried(name));
        assert.equal(Date.parse(one(entry, 'updated').text), updatedAt);
        assert.equal(one(entry, 'link').attributes.href, `https://status.example.org/incidents/${id}`);
        const content = one(entry, 'content');
        assert.equal(content.attributes.type, 'html');
        assert.equal(content.text.match(/<strong>/g)?.length, updates.length);
        assert.doesNotMatch(content.text, /<(?!\/?(p|small|strong)>|br \/>)/);
      }
    }),
    { numRuns: 200 },
  );
});

test('both RSS feeds of every view are well-formed and hold the same', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      for (const path of ['history.rss', 'feed.rss']) {
        const rss = parseXml(textOf(view, path));
        assert.equal(rss.attributes.version, '2.0');
        const channel = one(rss, 'channel');
        for (const name of ['title', 'link', 'description', 'lastBuildDate', 'ttl']) one(channel, name);
        assert.equal(one(channel, 'atom:link').attributes.href, `https://status.example.org/${path}`);
        assert.deepEqual(
          all(channel, 'item').map((item) => [one(item, 'guid').text, Date.parse(one(item, 'pubDate').text)]),
          recent(view).map(({ kind, id, createdAt }) => [`${kind}-${id}`, Math.floor(createdAt / 1000) * 1000]),
        );
      }
    }),
    { numRuns: 100 },
  );
});

test('a feed holds ninety days and fifty entries, and does not change by being made again', () => {
  const old = incident('old', { startedAt: viewAt - 91 * dayMs, updatedAt: viewAt - 91 * dayMs });
  const young = incident('young', { startedAt: viewAt - 89 * dayMs, updatedAt: viewAt - 89 * dayMs });
  const ids = (incidents: readonly Incident[]) =>
    all(parseXml(textOf(viewOf({}, { incidents }), 'history.atom')), 'entry').length;
  assert.equal(ids([young, old]), 1);
  assert.equal(ids(Array.from({ length: 60 }, (_, index) => incident(`i${index}`))), feedEntriesMax);
  const view = viewOf({ website: 'operational' }, { incidents: [young, maintenance('next')] });
  const later = { ...view, at: view.at + 60_000 };
  assert.deepEqual(
    feedFiles(later).map(({ body }) => body.toString()),
    feedFiles(view).map(({ body }) => body.toString()),
  );
});

function eventsOf(view: StatusView): ICAL.Event[] {
  const text = textOf(view, 'calendar.ics');
  assert.ok(text.endsWith('\r\n'));
  for (const line of text.slice(0, -2).split('\r\n')) {
    assert.ok(Buffer.byteLength(line) <= 75, line);
    assert.doesNotMatch(line, /[\x00-\x08\x0a-\x1f\x7f]/);
  }
  // RFC 5545, 3.3.11: these four and nothing else are escaped in texts, and always.
  for (const line of text.replaceAll('\r\n ', '').split('\r\n'))
    if (/^(SUMMARY|DESCRIPTION|NAME):/.test(line)) assert.match(line, /^[A-Z]+:(?:[^\\;,]|\\[\\;,n])*$/);
  const root = new ICAL.Component(ICAL.parse(text));
  assert.equal(root.getFirstPropertyValue('version'), '2.0');
  return root.getAllSubcomponents('vevent').map((component) => new ICAL.Event(component));
}

test('the calendar of every view is read by a calendar library, with the texts that were written', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const events = eventsOf(view);
      const isOpen = ({ resolvedAt }: Incident) => resolvedAt === undefined;
      const shown = view.incidents.filter((one) => isOpen(one) || one.updatedAt >= view.at - 365 * dayMs);
      assert.deepEqual(
        events.map(({ uid }) => uid),
        shown.map(({ kind, id }) => `${kind}-${id}.${view.page.id}`),
      );
      for (const [index, event] of events.entries()) {
        const { name, updatedAt, updates } = shown[index]!;
        const written = name
          .toWellFormed()
          .replaceAll(/\r\n?/g, '\n')
          .replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, '');
        assert.ok(event.summary.startsWith(`${written} (`), JSON.stringify([event.summary, written]));
        assert.ok(event.startDate.compare(event.endDate) < 0, 'ends after it begins');
        assert.equal(event.component.getFirstPropertyValue('transp'), 'TRANSPARENT');
        const stamp = event.component.getFirstPropertyValue('dtstamp') as ICAL.Time;
        assert.equal(stamp.toUnixTime(), Math.floor(updatedAt / 1000));
        assert.ok(event.description.split('UTC: ').length >= Math.min(2, updates.length + 1));
      }
    }),
    { numRuns: 200 },
  );
});

test('events tell when something was, is and will be, and what was called off', () => {
  const went = incident('went', { status: 'resolved', resolvedAt: viewAt - 60_000 });
  const goes = incident('goes', { startedAt: viewAt - 30 * dayMs });
  const planned = maintenance('planned');
  const dropped = maintenance('dropped', { status: 'completed', resolvedAt: viewAt });
  const late = maintenance('late', {
    status: 'in_progress',
    scheduledFor: viewAt - 7_200_000,
    scheduledUntil: viewAt - 3_600_000,
  });
  const events = eventsOf(viewOf({}, { incidents: [dropped, planned, went, late, goes] }));
  const told = events.map((event) => [
    event.summary.split(' (')[0],
    event.component.getFirstPropertyValue('status'),
    event.startDate.toJSDate().getTime(),
    event.endDate.toJSDate().getTime(),
  ]);
  const plan = { from: viewAt + dayMs, until: viewAt + dayMs + 3_600_000 };
  assert.deepEqual(told, [
    ['Maintenance of dropped', 'CANCELLED', plan.from, plan.until],
    ['Maintenance of planned', 'CONFIRMED', plan.from, plan.until],
    ['Trouble with went', 'CONFIRMED', went.startedAt, viewAt - 60_000],
    ['Maintenance of late', 'CONFIRMED', viewAt - 7_200_000, viewAt + 3_600_000],
    ['Trouble with goes', 'CONFIRMED', goes.startedAt, viewAt + 3_600_000],
  ]);
});

test('an event that was changed has a higher sequence and the same name', () => {
  const before = maintenance('moved', { updatedAt: viewAt - 60_000 });
  const after = {
    ...before,
    scheduledFor: viewAt + 2 * dayMs,
    updatedAt: viewAt,
    updates: [incidentUpdate('scheduled')],
  };
  const [first] = eventsOf(viewOf({}, { incidents: [before] }));
  const [second] = eventsOf(viewOf({}, { incidents: [after] }));
  assert.equal(first!.uid, second!.uid);
  assert.ok(second!.sequence > first!.sequence);
});
