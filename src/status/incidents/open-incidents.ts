/**
 * Incidents and maintenances over one database: each verb is decided by a pure function, stored, and then told to listeners. What
 * was told was stored before.
 */
import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { StatusConfig } from '../config/schema.ts';
import type { StatusDatabase } from '../database.ts';
import { newId } from '../ids.ts';
import type { Incident } from '../model.ts';
import { applyChange, openByProbes } from './automatic.ts';
import { editIncident } from './edit.ts';
import { type FollowChange, follow, reopenWithinMs } from './follow.ts';
import type { ImportOutcome, IncidentChange, Incidents, PastIncident, SeenComponent } from './incidents.ts';
import { checkAuthor, checkPast, checkText, firstOf, incidentsMax, markLengthMax, openMax } from './limits.ts';
import { tickMaintenance } from './maintenance-clock.ts';
import { openMarks } from './marks.ts';
import { mergeIncidents } from './merge.ts';
import { openIncident, scheduleMaintenance, type VerbContext } from './open.ts';
import { takeOver } from './past.ts';
import { openIncidentStore } from './store.ts';
import { isOpen, type StoredIncident, shown } from './stored-incident.ts';
import { updateIncident } from './update.ts';

export interface IncidentParts {
  readonly db: StatusDatabase;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly settings: StatusConfig['incidents'];
  readonly log: Log;
  readonly componentName: (key: string) => string;
}

export function openIncidents(parts: IncidentParts): Incidents {
  return new KeptIncidents(parts);
}

class KeptIncidents implements Incidents {
  readonly #parts: IncidentParts;
  readonly #store;
  readonly #marks;
  readonly #listeners: ((change: IncidentChange) => void)[] = [];
  #seen: ReadonlyMap<string, SeenComponent> = new Map();
  readonly #known = new WeakMap<StoredIncident, Incident>();
  #list: readonly Incident[] | undefined;

  constructor(parts: IncidentParts) {
    this.#parts = parts;
    this.#store = openIncidentStore(parts.db);
    this.#marks = openMarks(parts.db);
  }

  list(): readonly Incident[] {
    this.#list ??= [...this.#store.all()]
      .filter(({ mergedInto }) => mergedInto === undefined)
      .map((stored) => this.#shown(stored))
      .sort((a, b) => b.startedAt - a.startedAt || b.createdAt - a.createdAt || a.id.localeCompare(b.id));
    return this.#list;
  }

  /** The same object as long as nothing of it changes: by that publishing knows what it has made already. */
  #shown(stored: StoredIncident): Incident {
    const known = this.#known.get(stored) ?? shown(stored);
    this.#known.set(stored, known);
    return known;
  }

  find(id: string): Incident | undefined {
    const stored = this.#lasting(id);
    return stored && shown(stored);
  }

  open(wanted: Parameters<Incidents['open']>[0]): Incident | Refusal {
    return this.#add(openIncident(wanted, this.#context()));
  }

  schedule(wanted: Parameters<Incidents['schedule']>[0]): Incident | Refusal {
    return this.#add(scheduleMaintenance(wanted, this.#context()));
  }

  update(id: string, update: Parameters<Incidents['update']>[1]): Incident | Refusal {
    const before = this.#lasting(id);
    if (before === undefined) return missing(id);
    const after = updateIncident(before, update, this.#context());
    if (isRefusal(after)) return after;
    return this.#keep(after, isOpen(before) && !isOpen(after) ? 'resolved' : 'updated');
  }

  edit(id: string, edit: Parameters<Incidents['edit']>[1]): Incident | Refusal {
    const before = this.#lasting(id);
    if (before === undefined) return missing(id);
    const after = editIncident(before, edit, this.#parts.clock.now());
    return isRefusal(after) ? after : this.#keep(after, 'edited');
  }

  merge(id: string, into: string): Incident | Refusal {
    const from = this.#lasting(id);
    const target = this.#lasting(into);
    if (from === undefined || target === undefined) return missing(from === undefined ? id : into);
    const merged = mergeIncidents(from, target, this.#parts.clock.now());
    if (isRefusal(merged)) return merged;
    // The updates leave the one before they arrive at the other.
    this.#store.put(merged.from, merged.into);
    return this.#told(merged.into, 'merged');
  }

  follow(components: readonly SeenComponent[]): void {
    const groups = new Set(components.flatMap(({ key }) => (key.includes('/') ? [key.split('/')[0]] : [])));
    const leaves = components.filter(({ key }) => !groups.has(key)).map((one) => this.#afterMaintenance(one));
    this.#seen = new Map(leaves.map((one) => [one.key, one]));
    const context = this.#context();
    const recent = [...this.#store.all()].filter(
      (one) => one.mergedInto === undefined && (isOpen(one) || (one.resolvedAt ?? 0) >= context.now - reopenWithinMs),
    );
    const { isAutomatic, resolveAfterSeconds } = this.#parts.settings;
    const rules = { isAutomatic, resolveAfterMs: resolveAfterSeconds * 1_000 };
    for (const change of follow(recent, leaves, context.now, rules)) this.#apply(change, leaves, context);
  }

  #apply(change: FollowChange, seen: readonly SeenComponent[], context: VerbContext): void {
    if (change.kind === 'open') {
      const opened = this.#add(openByProbes(change, seen, context));
      if (isRefusal(opened)) this.#parts.log.error({ refusal: opened.message }, 'an incident could not be opened');
      return;
    }
    const before = this.#store.get(change.id);
    if (before === undefined) return;
    const { stored, what } = applyChange(before, change, seen, context);
    if (what !== undefined) this.#keep(stored, what);
    else this.#store.put(stored);
  }

  /** What fails in a maintenance is planned; an outage begins when the maintenance ends. */
  #afterMaintenance(one: SeenComponent): SeenComponent {
    if (this.#maintained(one.key)) return { ...one, status: 'under_maintenance', failingSince: undefined };
    if (one.failingSince === undefined) return one;
    const ends = [...this.#store.all()].flatMap(({ kind, resolvedAt, components, imported }) =>
      kind === 'maintenance' &&
      resolvedAt !== undefined &&
      !imported &&
      components.some(({ key }) => covers(key, one.key))
        ? [resolvedAt]
        : [],
    );
    return { ...one, failingSince: Math.max(one.failingSince, ...ends) };
  }

  followClock(): void {
    const context = this.#context();
    for (const before of [...this.#store.all()]) {
      const after = tickMaintenance(before, context);
      if (after !== undefined) this.#keep(after, isOpen(after) ? 'updated' : 'resolved');
    }
  }

  noteTold(id: string, at: number): void {
    const stored = this.#lasting(id);
    if (stored === undefined || (stored.toldAt !== undefined && stored.toldAt <= at)) return;
    this.#store.put({ ...stored, toldAt: at });
    this.#list = undefined;
  }

  inMaintenance(): ReadonlySet<string> {
    const keys = this.#maintainedKeys();
    const members = [...this.#seen.keys()].filter((key) => [...keys].some((maintained) => covers(maintained, key)));
    return new Set([...keys, ...members]);
  }

  #maintainedKeys(): ReadonlySet<string> {
    const running = [...this.#store.all()].filter(
      ({ kind, status }) => kind === 'maintenance' && (status === 'in_progress' || status === 'verifying'),
    );
    return new Set(
      running.flatMap(({ components }) =>
        components.filter(({ noted }) => noted === 'under_maintenance').map(({ key }) => key),
      ),
    );
  }

  #maintained(key: string): boolean {
    return [...this.#maintainedKeys()].some((maintained) => covers(maintained, key));
  }

  mark(text: string, author: string, at = this.#parts.clock.now()): Refusal | undefined {
    const now = this.#parts.clock.now();
    const refusal = firstOf(
      checkText('The text', text, markLengthMax),
      checkAuthor(author),
      checkPast('The time of the mark', at, now),
    );
    if (refusal === undefined) this.#marks.add({ at, text: text.trim(), author });
    return refusal;
  }

  marks(from: number, until: number) {
    return this.#marks.between(from, until);
  }

  forgotten(): readonly Incident[] {
    const before = this.#parts.clock.now() - this.#parts.settings.remindAfterSeconds * 1_000;
    return this.list().filter(
      (incident) =>
        incident.kind === 'incident' &&
        incident.origin !== 'import' &&
        isOpen(incident) &&
        Math.max(...incident.updates.map(({ createdAt }) => createdAt)) <= before,
    );
  }

  importPast(source: string, past: PastIncident): ImportOutcome | Refusal {
    const known = this.#store.ofForeign(source, past.foreignId);
    const taken = takeOver(source, past, known, this.#context());
    if (isRefusal(taken) || taken.outcome === 'unchanged') return isRefusal(taken) ? taken : taken.outcome;
    const full = known === undefined ? this.#room(taken.stored) : undefined;
    if (full) return full;
    this.#keep(taken.stored, 'imported');
    return taken.outcome;
  }

  removeImported(source: string): number {
    const removed = this.#store.removeOfSource(source);
    this.#list = undefined;
    for (const one of removed) this.#tell(shown(one), 'removed');
    return removed.length;
  }

  onChange(listener: (change: IncidentChange) => void): void {
    this.#listeners.push(listener);
  }

  #context(): VerbContext {
    const { clock, random, componentName } = this.#parts;
    return {
      now: clock.now(),
      newId: () => newId(random),
      componentName: (key) => this.#seen.get(key)?.name ?? componentName(key),
      seen: new Map([...this.#seen].map(([key, { status }]) => [key, status])),
    };
  }

  /** The incident that an id leads to, through all merges. */
  #lasting(id: string): StoredIncident | undefined {
    let stored = this.#store.get(id);
    while (stored?.mergedInto !== undefined) stored = this.#store.get(stored.mergedInto);
    return stored;
  }

  #room(wanted: StoredIncident): Refusal | undefined {
    const all = [...this.#store.all()];
    if (all.length >= incidentsMax) return refuse('limit-reached', `There are ${incidentsMax} incidents already.`);
    const isRoom = !isOpen(wanted) || all.filter((one) => isOpen(one) && one.mergedInto === undefined).length < openMax;
    return isRoom ? undefined : refuse('limit-reached', `${openMax} incidents are open already; resolve some first.`);
  }

  #add(wanted: StoredIncident | Refusal): Incident | Refusal {
    if (isRefusal(wanted)) return wanted;
    return this.#room(wanted) ?? this.#keep(wanted, 'opened');
  }

  #keep(stored: StoredIncident, what: string): Incident {
    this.#store.put(stored);
    return this.#told(stored, what);
  }

  #told(stored: StoredIncident, what: string): Incident {
    this.#list = undefined;
    const incident = shown(stored);
    this.#tell(incident, what);
    return incident;
  }

  /** A listener that fails must not keep others from being told, nor undo what is stored. */
  #tell(incident: Incident, what: string): void {
    for (const listener of this.#listeners) {
      try {
        listener({ incident, what });
      } catch (error) {
        this.#parts.log.error({ err: error, incident: incident.id }, 'a listener to incidents failed');
      }
    }
  }
}

function missing(id: string): Refusal {
  return refuse('not-found', `There is no incident "${id}" here.`);
}

/** A group’s key stands for its members. */
function covers(key: string, other: string): boolean {
  return key === other || other.startsWith(`${key}/`);
}
