/** All rows, in the order of the document. */
import { formRows } from './form-rows.ts';
import { metadataRows } from './metadata-rows.ts';
import { powershellRows } from './powershell-rows.ts';
import { tarRows } from './tar-rows.ts';
import { zipRows } from './zip-rows.ts';

export const uploadRows = [...zipRows, ...tarRows, ...metadataRows, ...powershellRows, ...formRows];
