/** The schema of the status database: the steps of all areas, in order. A new step goes to the end. */
import type { SchemaStep } from './database.ts';

export const schemaSteps: readonly SchemaStep[] = [];
