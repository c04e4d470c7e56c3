/** The schema of the status database: the steps of all areas, in order. A new step goes to the end. */
import { alarmTables, outageColumns } from './alarms/tables.ts';
import { channelTables } from './channels/tables.ts';
import type { SchemaStep } from './database.ts';
import { heartbeatTables } from './heartbeats/tables.ts';
import { historyTables } from './history/tables.ts';
import { incidentTables } from './incidents/tables.ts';
import { canaryTables } from './probes/tables.ts';
import { subscriberTables } from './subscribers/tables.ts';

export const schemaSteps: readonly SchemaStep[] = [
  { number: 1, area: 'incidents', sql: incidentTables },
  { number: 2, area: 'canaries', sql: canaryTables },
  { number: 3, area: 'history', sql: historyTables },
  { number: 4, area: 'channels', sql: channelTables },
  { number: 5, area: 'alarms', sql: alarmTables },
  { number: 6, area: 'heartbeats', sql: heartbeatTables },
  { number: 7, area: 'subscribers', sql: subscriberTables },
  { number: 8, area: 'alarms', sql: outageColumns },
];
