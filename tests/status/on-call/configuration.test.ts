/** Mistakes in who is called, found when the configuration is read and not at three in the morning. */
import assert from 'node:assert/strict';
import test from 'node:test';
import Value from 'typebox/value';
import { crossReferences } from '../../../src/status/config/cross-references.ts';
import { type StatusConfig, statusSchema } from '../../../src/status/config/schema.ts';

const override = { person: 'anna', from: '2026-03-03T00:00:00Z', until: '2026-03-04T00:00:00Z' };
const good = {
  mail: { host: 'mail.example.org', from: 'status@example.org' },
  channels: [{ kind: 'mail', name: 'anna by mail', to: 'anna@example.org' }],
  onCall: {
    people: [{ name: 'anna', channels: ['anna by mail'] }],
    rotations: [{ name: 'first', people: ['anna'], startsAt: '2026-03-02T09:00', overrides: [override] }],
    escalation: [{ afterSeconds: 0, notify: ['first'] }],
  },
};
const problemsOf = (value: unknown) =>
  crossReferences(Value.Default(statusSchema, structuredClone(value)) as StatusConfig);

test('a configuration without mistakes has none', () => {
  assert.deepEqual(problemsOf(good), []);
});

test('a mail channel sends to one plain address', () => {
  for (const to of ['Anna <anna@example.org>', 'anna@example.org, ben@example.org', 'anna']) {
    assert.deepEqual(problemsOf({ ...good, channels: [{ kind: 'mail', name: 'anna by mail', to }] }), [
      `the channel "anna by mail" sends to "${to}", which is not one plain mail address`,
    ]);
  }
});

test('an override begins before it ends', () => {
  const turned = { ...override, from: override.until, until: override.from };
  const rotations = [{ ...good.onCall.rotations[0], overrides: [turned] }];
  assert.deepEqual(problemsOf({ ...good, onCall: { ...good.onCall, rotations } }), [
    'an override of the rotation "first" ends before it begins',
  ]);
});
