/** What probes say becomes conditions: all down, one of several, not known, certificates. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { severityOfLifetime } from '../../../src/status/alarms/certificate-conditions.ts';
import { probeConditions } from '../../../src/status/alarms/probe-conditions.ts';
import type { ProbeState } from '../../../src/status/probes/probe.ts';

const day = 86_400_000;

function state(
  part: string,
  what: ProbeState['state'],
  more: Partial<ProbeState['probe']> & { measures?: Record<string, number> } = {},
): ProbeState {
  const { measures = {}, ...probe } = more;
  const id = `install/python@${part}`;
  const words = what === 'down' ? 'the list of files was answered 502 Bad Gateway, and not 200' : '';
  const verdict = what === 'up' ? 'good' : what === 'down' ? 'bad' : 'unknown';
  return {
    probe: { id, title: 'pip’s steps', component: 'install/python', check: 'files', part, ...probe },
    state: what,
    since: Date.parse('2026-11-21T10:00:20Z'),
    firstAt: Date.parse('2026-11-21T10:00:00Z'),
    last: { verdict, durationMs: 5, words, steps: [], measures },
    lastAt: Date.parse('2026-11-21T10:01:00Z'),
  };
}

const firing = (states: readonly ProbeState[]) =>
  Object.fromEntries(
    probeConditions(states).flatMap(({ key, isFiring }) => (key.startsWith('certificate:') ? [] : [[key, isFiring]])),
  );

test('all down is a page in words that a sleepy person understands', () => {
  const [whole] = probeConditions([state('IPv4', 'down'), state('IPv6', 'down')]);
  assert.equal(whole?.key, 'probe:install/python:files');
  assert.equal(whole.severity, 'page');
  assert.equal(whole.isFiring, true);
  assert.equal(whole.title, 'Installing Python packages fails');
  assert.equal(
    whole.text,
    'IPv4: the list of files was answered 502 Bad Gateway, and not 200.\nIPv6: the list of files was answered 502 Bad Gateway, and not 200.\nTried: pip’s steps.\nFirst failure at 2026-11-21 10:00 UTC.',
  );
});

test('one of two down is a ticket about that part alone', () => {
  const states = [state('IPv4', 'down'), state('IPv6', 'up')];
  assert.deepEqual(firing(states), {
    'probe:install/python:files': false,
    'part:install/python:files:IPv4': true,
    'part:install/python:files:IPv6': false,
  });
  const part = probeConditions(states)[1]!;
  assert.equal(part.severity, 'ticket');
  assert.equal(part.title, 'Installing Python packages fails by IPv4');
  assert.match(part.text, /\nIt works by IPv6\.\nTried: pip’s steps\.\n/);
});

test('what was tried is told without the address, which stands before each failure; components of others by their key', () => {
  const parts = ['edge-1', 'edge-2'].map((part) => state(part, 'down', { title: `a look, at ${part}` }));
  assert.match(probeConditions(parts)[0]!.text, /\nTried: a look\.\n/);
  assert.equal(probeConditions([state('', 'down', { component: 'website' })])[0]?.title, 'The website fails');
  assert.equal(probeConditions([state('', 'down', { component: 'docs/search' })])[0]?.title, 'Docs (search) fails');
});

test('when the second part fails as well, the ticket of the first stays and the page is new', () => {
  assert.deepEqual(firing([state('IPv4', 'down'), state('IPv6', 'down')]), {
    'probe:install/python:files': true,
    'part:install/python:files:IPv4': undefined,
    'part:install/python:files:IPv6': undefined,
  });
});

test('what is not known is neither well nor down', () => {
  assert.deepEqual(firing([state('IPv4', 'unknown')]), { 'probe:install/python:files': undefined });
  assert.equal(firing([state('IPv4', 'down'), state('IPv6', 'unknown')])['probe:install/python:files'], true);
  assert.equal(firing([state('IPv4', 'up'), state('IPv6', 'unknown')])['probe:install/python:files'], false);
  assert.equal(firing([state('IPv4', 'up'), state('IPv6', 'unknown')])['part:install/python:files:IPv6'], undefined);
});

test('checks of one component are told apart', () => {
  const states = [state('IPv4', 'down'), state('IPv4', 'up', { check: 'simple-index' })];
  assert.deepEqual(firing(states), { 'probe:install/python:files': true, 'probe:install/python:simple-index': false });
});

test('certificates of every lifetime have a ladder of their own', () => {
  const at = (lifetimeDays: number, leftDays: number) => severityOfLifetime(leftDays * day, leftDays / lifetimeDays);
  // 90 days, renewed at 30: a ticket when a day has passed since, a page from 9 days on.
  assert.deepEqual(
    [30, 29.1, 28.9, 9.1, 8.9, 0.1, -1].map((left) => at(90, left)),
    [undefined, undefined, 'ticket', 'ticket', 'page', 'page', 'page'],
  );
  assert.deepEqual(
    [16, 14.5, 4.8, 4.6].map((left) => at(47, left)),
    [undefined, 'ticket', 'ticket', 'page'],
  );
  // Six days and sixteen hours: two days are the page, and what comes before is no ticket yet.
  assert.deepEqual(
    [6, 2.1, 1.9].map((left) => at(160 / 24, left)),
    [undefined, undefined, 'page'],
  );
  assert.deepEqual(
    [0.9, 0.34, 0.33].map((left) => at(1, left)),
    [undefined, undefined, 'page'],
    'one day is not a page from its birth on',
  );
});

test('the less is left, the more severe', () => {
  const rank = { undefined: 0, ticket: 1, page: 2 };
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), share, share, (lifetimeDays, one, other) => {
      const [more, less] = [Math.max(one, other), Math.min(one, other)];
      const of = (ratio: number) => rank[`${severityOfLifetime(lifetimeDays * day * ratio, ratio)}`];
      assert.ok(of(less) >= of(more));
    }),
  );
});

test('the shortest of the certificates that are served is what is told, and a probe that cannot see it changes nothing', () => {
  const certificate = { component: 'website', check: 'certificate' };
  const left = (days: number) => ({
    ...certificate,
    measures: { certificate_left_seconds: (days * day) / 1000, certificate_lifetime_left_ratio: days / 90 },
  });
  const find = (states: ProbeState[]) =>
    probeConditions(states).find(({ key }) => key === 'certificate:website:certificate');
  const told = find([state('edge-a', 'up', left(60)), state('edge-b', 'up', left(5))]);
  assert.deepEqual([told?.severity, told?.isFiring], ['page', true]);
  assert.equal(told?.title, 'The certificate of website expires in 5 days');
  assert.match(told.text, /over edge-a is good for another 60 days.*over edge-b is good for another 5 days/);
  assert.equal(find([state('edge-a', 'up', left(60))])?.isFiring, false);
  assert.equal(find([state('edge-a', 'down', left(-1))])?.title, 'The certificate of website has expired');
  assert.equal(find([state('edge-a', 'down', certificate)])?.isFiring, undefined);
  assert.equal(probeConditions([state('IPv4', 'up')]).length, 1, 'a probe without TLS has no certificate');
});
