/** The schema of the status database: the steps of all areas, in order. A new step goes to the end. */
import type { SchemaStep } from './database.ts';
import { subscriberTables } from './subscribers/tables.ts';

export const schemaSteps: readonly SchemaStep[] = [{ number: 1, area: 'subscribers', sql: subscriberTables }];
