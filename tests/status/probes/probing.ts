/** Probes for a test: the settings of a status service in memory, its database, and what one of its probes says. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import Value from 'typebox/value';
import type { StatusSettings } from '../../../src/status/config/load.ts';
import { type StatusConfig, statusSchema } from '../../../src/status/config/schema.ts';
import { openStatusDatabase, type StatusDatabase } from '../../../src/status/database.ts';
import type { ProbeParts } from '../../../src/status/probes/attempt.ts';
import type { Probe, ProbeResult } from '../../../src/status/probes/probe.ts';
import { probesOf } from '../../../src/status/probes/probes-of.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { systemClock } from '../../../src/std/clock.ts';
import { systemRandom } from '../../../src/std/random.ts';

/** Parts of a configuration file. */
export interface Configured {
  readonly gallery?: Partial<StatusConfig['gallery']>;
  readonly probing?: Partial<StatusConfig['probing']>;
  readonly probes?: StatusConfig['probes'];
}

export function settingsOf(configured: Configured): StatusSettings {
  const config = Value.Default(statusSchema, structuredClone(configured)) as StatusConfig;
  return { ...config, folder: '', file: undefined, port: 0, host: '127.0.0.1' };
}

/** Everything that went wrong by a fault of the probes' own; a test ends with none. */
export interface Probing extends ProbeParts {
  readonly faults: string[];
  of(configured: Configured): Promise<ProbesById>;
}

export interface ProbesById {
  readonly ids: readonly string[];
  readonly all: readonly Probe[];
  probe(id: string): Probe;
  /** Runs the probe once. */
  run(id: string, signal?: AbortSignal): Promise<ProbeResult>;
}

/** @param db of an earlier service, for one that starts again */
export function probing(t: TestContext, db?: StatusDatabase): Probing {
  const faults: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) });
  const own = db ?? openStatusDatabase(':memory:', schemaSteps);
  t.after(() => {
    if (db === undefined) own.close();
    assert.deepEqual(faults, [], 'no probe failed by a fault of its own');
  });
  const parts = { clock: systemClock, random: systemRandom, log, db: own };
  return {
    ...parts,
    faults,
    async of(configured) {
      const all = await probesOf(settingsOf(configured), parts);
      const probe = (id: string) => {
        const found = all.find((one) => one.id === id);
        assert.ok(found, `there is no probe ${id} among ${all.map((one) => one.id).join(', ')}`);
        return found;
      };
      return {
        ids: all.map(({ id }) => id),
        all,
        probe,
        run: (id, signal = new AbortController().signal) => probe(id).run(signal),
      };
    },
  };
}

/** The result is good; its words otherwise say why not. */
export function assertGood(result: ProbeResult): void {
  assert.deepEqual({ verdict: result.verdict, words: result.words }, { verdict: 'good', words: '' });
}

/** The result is this, and says so in words that match. */
export function assertSays(result: ProbeResult, verdict: ProbeResult['verdict'], words: RegExp): void {
  assert.equal(result.verdict, verdict, result.words);
  assert.match(result.words, words);
}
