/** The schema of the status database: the steps of all areas, in order. A new step goes to the end. */
import { alarmTables } from './alarms/tables.ts';
import { channelTables } from './channels/tables.ts';
import type { SchemaStep } from './database.ts';
import { heartbeatTables } from './heartbeats/tables.ts';

export const schemaSteps: readonly SchemaStep[] = [
  { number: 1, area: 'channels', sql: channelTables },
  { number: 2, area: 'alarms', sql: alarmTables },
  { number: 3, area: 'heartbeats', sql: heartbeatTables },
];
