/** Numbers that stand for components and probes in every other table: one for each name, the same for ever. */
import type { StatusDatabase } from '../database.ts';

export interface Keys {
  /** @returns the component's number, made when it has none. To be called inside a transaction. */
  componentId(key: string): number;
  /** @returns the number of a probe of this component, made when it has none. To be called inside a transaction. */
  probeId(component: number, name: string): number;
  /** @returns numbers of the component and of its members `KEY/…`, as far as there are any */
  withMembers(key: string): number[];
  all(): number[];
}

/** Whether `key` is the component or one of its members. */
export const isWithin = (component: string, key: string) => key === component || key.startsWith(`${component}/`);

export function openKeys(db: StatusDatabase): Keys {
  const addComponent = db.prepare('insert into history_components (key) values (?) on conflict do nothing');
  const component = db.prepare('select id from history_components where key = ?');
  const addProbe = db.prepare('insert into history_probes (component, name) values (?, ?) on conflict do nothing');
  const probe = db.prepare('select id from history_probes where component = ? and name = ?');
  // `0` is the character after `/`.
  const members = db.prepare(
    `select id from history_components where key = :key or (key > :key || '/' and key < :key || '0')`,
  );
  const everyone = db.prepare('select id from history_components');
  const idOf = (row: unknown) => (row as { id: number }).id;
  return {
    componentId(key) {
      const known = component.get(key);
      if (known) return idOf(known);
      addComponent.run(key);
      return idOf(component.get(key));
    },
    probeId(componentId, name) {
      const known = probe.get(componentId, name);
      if (known) return idOf(known);
      addProbe.run(componentId, name);
      return idOf(probe.get(componentId, name));
    },
    withMembers: (key) => members.all({ key }).map(idOf),
    all: () => everyone.all().map(idOf),
  };
}
