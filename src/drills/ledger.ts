/** The drills there are, in the order of the ledger of outages. */

import { counterOverflow } from './counter-overflow.ts';
import { databaseOutage } from './database-outage.ts';
import type { Drill } from './drill.ts';
import { integrationShape } from './integration-shape.ts';
import { monitorSilent } from './monitor-silent.ts';
import { rebootAll } from './reboot-all.ts';
import { searchAbuse } from './search-abuse.ts';
import { statusUntrue } from './status-untrue.ts';

export const drills: readonly Drill[] = [
  counterOverflow,
  databaseOutage,
  rebootAll,
  searchAbuse,
  integrationShape,
  monitorSilent,
  statusUntrue,
];
