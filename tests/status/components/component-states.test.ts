/** Components are computed from the parts behind them, and never say more than was measured. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { componentStates, groupStatus } from '../../../src/status/components/component-states.ts';
import { type ComponentStatus, componentStatuses } from '../../../src/status/model.ts';
import type { ProbeState } from '../../../src/status/probes/probe.ts';

function state(component: string, check: string, part: string, is: ProbeState['state'], words = ''): ProbeState {
  return {
    probe: { id: `${component}:${check}@${part}`, title: '', component, check, part },
    state: is,
    since: 5,
    firstAt: 3,
    last: { verdict: is === 'down' ? 'bad' : 'good', durationMs: 1, words, steps: [], measures: {} },
    lastAt: 5,
  };
}

const statusesOf = (states: readonly ProbeState[], maintained: readonly string[] = []) =>
  Object.fromEntries(componentStates(states, [], new Set(maintained)).map(({ key, status }) => [key, status]));

test('an edge that fails behind a healthy one degrades; when all fail, it is an outage', () => {
  const one = [
    state('install/python', 'install', 'a', 'down', 'no answer'),
    state('install/python', 'install', 'b', 'up'),
  ];
  assert.equal(statusesOf(one)['install/python'], 'degraded_performance');
  const [, leaf] = componentStates(one, [], new Set());
  assert.equal(leaf?.why, 'no answer by a (of 2 addresses)');
  assert.equal(leaf?.failingSince, 3);
  const all = [state('install/python', 'install', 'a', 'down'), state('install/python', 'install', 'b', 'down')];
  assert.equal(statusesOf(all)['install/python'], 'major_outage');
});

test('users need every step: one check that fails is an outage', () => {
  const states = [state('publish/nuget', 'push', 'a', 'up'), state('publish/nuget', 'canary', 'a', 'down')];
  assert.equal(statusesOf(states)['publish/nuget'], 'major_outage');
});

test('what was not measured is unknown, and a group with it', () => {
  const states = [state('install/python', 'install', 'a', 'unknown'), state('install/nuget', 'install', 'a', 'up')];
  assert.deepEqual(statusesOf(states), {
    install: 'unknown',
    'install/python': 'unknown',
    'install/nuget': 'operational',
  });
});

test('a group is out when all its members are, and partly out when one is', () => {
  const members = (one: ProbeState['state'], other: ProbeState['state']) =>
    statusesOf([state('install/python', 'install', 'a', one), state('install/nuget', 'install', 'a', other)]).install;
  assert.equal(members('down', 'down'), 'major_outage');
  assert.equal(members('down', 'up'), 'partial_outage');
  assert.equal(members('up', 'up'), 'operational');
});

test('maintenance is told in place of what probes see, for a member or for the whole group', () => {
  const states = [state('install/python', 'install', 'a', 'down'), state('install/nuget', 'install', 'a', 'up')];
  assert.deepEqual(statusesOf(states, ['install/python']), {
    install: 'operational',
    'install/python': 'under_maintenance',
    'install/nuget': 'operational',
  });
  assert.equal(statusesOf(states, ['install']).install, 'under_maintenance');
});

test('components stand in the order of the page, groups before members, and names can be configured', () => {
  const states = ['mail', 'install/python', 'own/thing', 'website', 'install/nuget'].map((key) =>
    state(key, 'c', 'a', 'up'),
  );
  const found = componentStates(states, [{ key: 'own/thing', name: 'The thing' }], new Set());
  const keys = ['install', 'install/python', 'install/nuget', 'website', 'mail', 'own', 'own/thing'];
  assert.deepEqual(
    found.map(({ key }) => key),
    keys,
  );
  assert.equal(found.at(-1)?.name, 'The thing');
});

test('a group is operational only when nothing of it is anything else', () => {
  const statuses = fc.array(fc.constantFrom<ComponentStatus>(...componentStatuses), { minLength: 1 });
  fc.assert(
    fc.property(statuses, (members) => {
      const others = members.filter((status) => status !== 'under_maintenance');
      const isWell = others.length > 0 && others.every((status) => status === 'operational');
      assert.equal(groupStatus(members) === 'operational', isWell);
    }),
  );
});
