/** Timelines and drafts of postmortems: made from what was measured and written, and nothing else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { percent, postmortemDraft } from '../../../src/status/incidents/postmortem.ts';
import { timelineOf } from '../../../src/status/incidents/timeline.ts';
import { duration } from '../../../src/status/incidents/words.ts';
import { good, hour, incidentBench, minute, second, start } from './bench.ts';

function outage() {
  const bench = incidentBench();
  bench.watch(10 * minute, { 'install/python': 'major_outage' });
  const { id } = bench.incidents.list()[0]!;
  bench.incidents.noteTold(id, start + 12 * second);
  good(bench.incidents.update(id, { status: 'monitoring', body: 'A cable\nwas out.', author: 'Ada' }));
  bench.watch(6 * minute);
  const change = (at: number, verdict: 'good' | 'bad', component = 'install/python') => ({
    probe: `${component}@IPv4`,
    component,
    at,
    verdict,
    durationMs: 5,
    words: verdict === 'bad' ? 'connection refused' : '',
  });
  const alarm = {
    id: 'a',
    key: 'probe:install/python',
    title: 'Installing Python packages fails',
    text: '',
    severity: 'page' as const,
    component: 'install/python',
    runbook: undefined,
    startedAt: start,
    endedAt: start + 10 * minute,
    toldAt: start + 2 * second,
    confirmedAt: start + minute,
    confirmedBy: 'Grace',
    silencedBy: undefined,
    partOf: undefined,
  };
  const sources = {
    changes: [change(start + 10 * minute, 'good'), change(start - 5 * second, 'bad'), change(start, 'bad', 'website')],
    alarms: [alarm],
    marks: [
      { at: start - 2 * minute, text: 'deployed 1.2', author: 'deploy' },
      { at: start - 3 * hour, text: 'deployed 1.1', author: 'deploy' },
    ],
  };
  return { incident: bench.incidents.find(id)!, sources };
}

test('a timeline has what concerns the incident, in the order in which it happened', () => {
  const { incident, sources } = outage();
  assert.deepEqual(
    timelineOf(incident, sources, start + hour).map(({ at, kind, text }) => [
      (at - start) / second,
      kind,
      text.slice(0, 60),
    ]),
    [
      [-120, 'mark', 'deployed 1.2 (deploy)'],
      [-5, 'incident', 'it begins'],
      [-5, 'probe', 'install/python@IPv4 fails: connection refused'],
      [0, 'alarm', 'Installing Python packages fails: the alarm begins'],
      [0, 'update', 'investigating, by probes: Installing Python packages has fai'],
      [2, 'alarm', 'Installing Python packages fails: somebody was told'],
      [12, 'incident', 'people were told'],
      [60, 'alarm', 'Installing Python packages fails: confirmed by Grace'],
      [600, 'incident', 'all is well again'],
      [600, 'probe', 'install/python@IPv4 works'],
      [600, 'alarm', 'Installing Python packages fails: the alarm ends'],
      [600, 'update', 'monitoring, by Ada: A cable was out.'],
      [900, 'update', 'resolved, by probes: Installing Python packages works as usu'],
    ],
  );
});

test('a draft has the figures, what users saw, the timeline, and room for what a person has to think about', () => {
  const { incident, sources } = outage();
  const timeline = timelineOf(incident, sources, start + hour);
  const events = [{ name: 'Install Python packages', counts: { good: 3, bad: 41, slow: 1 } }];
  const draft = postmortemDraft(incident, { timeline, events });
  assert.match(draft, /^# Installing Python packages fails\n\nFrom 21 November 2026, 13:59:55 UTC to .*14:10:00 UTC\./);
  assert.match(draft, /- Detected after: 5 seconds\n- Told after: 17 seconds\n- Mended after: 10 minutes\n/);
  assert.match(draft, /- Install Python packages: 93 % of 44 attempts by probes failed; 2.3 % worked slowly\n/);
  assert.match(draft, /\n## Cause\n\n\(/);
  assert.match(draft, /\n## Actions\n\n\(/);
  assert.equal(draft.match(/^- 21 November/gm)?.length, timeline.length);
  assert.equal(incident.postmortem, undefined, 'a draft is nobody’s word yet');
});

test('shares and durations are rounded to what they are, and never to nothing or all', () => {
  assert.deepEqual([0, 1, 0.00001, 0.999999, 0.123, 0.995].map(percent), [
    '0 %',
    '100 %',
    '0.1 %',
    '99.9 %',
    '12 %',
    '99.5 %',
  ]);
  assert.deepEqual([1_000, 119_000, 150_000, 2 * hour, 2 * hour + 5 * minute, 50 * hour].map(duration), [
    '1 second',
    '119 seconds',
    '3 minutes',
    '2 hours',
    '2 hours 5 minutes',
    '2 days 2 hours',
  ]);
});
