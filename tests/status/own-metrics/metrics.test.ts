/** The status service's own metrics: names, units, and nothing told that is not known. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { metricsContentType, type OwnMetrics, ownMetrics } from '../../../src/status/own-metrics/metrics.ts';
import { viewAt } from '../views.ts';

const snapshot: OwnMetrics = {
  at: viewAt,
  isKnown: true,
  pageAt: viewAt - 1_500,
  probes: [
    {
      id: 'install/python@IPv4',
      component: 'install/python',
      check: 'install',
      part: 'IPv4',
      state: 'up',
      lastAt: viewAt - 4_000,
      lastMs: 37,
    },
    {
      id: 'install/"odd"\n',
      component: 'install/nuget',
      check: 'install',
      part: 'IPv4',
      state: 'down',
      lastAt: viewAt,
      lastMs: 0,
    },
    {
      id: 'website',
      component: 'website',
      check: 'page',
      part: 'IPv6',
      state: 'unknown',
      lastAt: undefined,
      lastMs: undefined,
    },
  ],
  components: [{ key: 'website', status: 'unknown' }],
  alarms: [
    { severity: 'page', isSilenced: false, isConfirmed: false },
    { severity: 'page', isSilenced: true, isConfirmed: false },
    { severity: 'ticket', isSilenced: false, isConfirmed: true },
  ],
  outbox: [
    { lane: 'alarms', waiting: 2, oldestAt: viewAt - 30_000 },
    { lane: 'subscribers', waiting: 0, oldestAt: undefined },
  ],
  openIncidents: ['major', 'maintenance'],
  subscribers: { confirmed: 3, awaiting: 1 },
  exports: [
    { target: '/srv/status', doneAt: viewAt - 60_000, isFailing: true },
    { target: 's3', doneAt: undefined, isFailing: false },
  ],
};

/** Every sample, by its name with labels. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? assert.fail(`no sample: ${line}`);
      return [name, Number(value)];
    }),
  );
}

test('what is known is told in base units, and what is not known has no sample', async () => {
  const samples = samplesOf(await ownMetrics(snapshot));
  const python = '{probe="install/python@IPv4",component="install/python",check="install",part="IPv4"}';
  const odd = '{probe="install/\\"odd\\"\\n",component="install/nuget",check="install",part="IPv4"}';
  const expected = {
    [`probe_success${python}`]: 1,
    [`probe_success${odd}`]: 0,
    [`probe_duration_seconds${python}`]: 0.037,
    [`probe_duration_seconds${odd}`]: 0,
    [`probe_age_seconds${python}`]: 4,
    [`probe_age_seconds${odd}`]: 0,
    holdfast_status_known: 1,
    holdfast_status_page_age_seconds: 1.5,
    'holdfast_status_component{component="website",status="operational"}': 0,
    'holdfast_status_component{component="website",status="degraded_performance"}': 0,
    'holdfast_status_component{component="website",status="partial_outage"}': 0,
    'holdfast_status_component{component="website",status="major_outage"}': 0,
    'holdfast_status_component{component="website",status="under_maintenance"}': 0,
    'holdfast_status_component{component="website",status="unknown"}': 1,
    'holdfast_status_alarms_firing{severity="page"}': 2,
    'holdfast_status_alarms_firing{severity="ticket"}': 1,
    'holdfast_status_alarms_unconfirmed{severity="page"}': 1,
    'holdfast_status_alarms_unconfirmed{severity="ticket"}': 0,
    'holdfast_status_outbox_messages{lane="alarms"}': 2,
    'holdfast_status_outbox_messages{lane="subscribers"}': 0,
    'holdfast_status_outbox_oldest_age_seconds{lane="alarms"}': 30,
    'holdfast_status_incidents_open{impact="none"}': 0,
    'holdfast_status_incidents_open{impact="minor"}': 0,
    'holdfast_status_incidents_open{impact="major"}': 1,
    'holdfast_status_incidents_open{impact="critical"}': 0,
    'holdfast_status_incidents_open{impact="maintenance"}': 1,
    'holdfast_status_subscribers{state="confirmed"}': 3,
    'holdfast_status_subscribers{state="awaiting"}': 1,
    'holdfast_status_export_age_seconds{target="/srv/status"}': 60,
    'holdfast_status_export_failing{target="/srv/status"}': 1,
    'holdfast_status_export_failing{target="s3"}': 0,
  };
  assert.deepEqual(Object.fromEntries([...samples].sort()), Object.fromEntries(Object.entries(expected).sort()));
  assert.match(metricsContentType, /^text\/plain; version=0\.0\.4/);
});

test('every metric says what it is, and when there is nothing to tell nothing is told', async () => {
  const told = (text: string, line: string) =>
    [...text.matchAll(new RegExp(`^# ${line} (\\S+)`, 'gm'))].map(([, name]) => name);
  const full = await ownMetrics(snapshot);
  assert.deepEqual(told(full, 'HELP'), told(full, 'TYPE'));
  assert.equal(told(full, 'HELP').length, 14);
  const empty = { ...snapshot, probes: [], components: [], alarms: [], outbox: [], exports: [], pageAt: undefined };
  const names = [...samplesOf(await ownMetrics({ ...empty, isKnown: false }))].map(
    ([name, value]) => `${name} ${value}`,
  );
  assert.ok(names.includes('holdfast_status_known 0'));
  assert.deepEqual(
    names.filter((name) => /^(probe|holdfast_status_(component|page|outbox|export))/.test(name)),
    [],
  );
});
