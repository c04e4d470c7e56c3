/**
 * The readme, icon and licence that a nuspec says are in the package: they are there, are small, and are what they are
 * called. Each is taken out as exact bytes, because documents and pages lead to them and the archive is never opened again.
 */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { ZipArchive } from '../archive/zip.ts';
import type { Extract } from '../candidate.ts';
import type { NuspecMetadata } from './nuspec.ts';
import { decodeStrictly } from './strict-xml.ts';

/** As the public gallery has it, in bytes. */
export const embeddedBytesMax = 1_048_576;

const pngStart = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpegStart = [0xff, 0xd8, 0xff];

/**
 * Takes out what the nuspec names.
 * @returns readme, icon and license, those that there are; or `metadata-invalid`
 */
export async function readEmbeddedFiles(archive: ZipArchive, metadata: NuspecMetadata): Promise<Extract[] | Refusal> {
  const wanted = [
    { name: 'readme', path: metadata.readmeFile },
    { name: 'icon', path: metadata.iconFile },
    { name: 'license', path: metadata.licenseFile },
  ] as const;
  const extracts: Extract[] = [];
  for (const { name, path } of wanted) {
    if (path === undefined) continue;
    const bytes = await readEmbedded(archive, name, path);
    if (isRefusal(bytes)) return bytes;
    const contentType = contentTypeOf(name, path, bytes);
    if (isRefusal(contentType)) return contentType;
    extracts.push({ name, bytes, contentType });
  }
  return extracts;
}

async function readEmbedded(archive: ZipArchive, name: string, path: string): Promise<Uint8Array | Refusal> {
  const sought = comparable(path);
  const found = archive.entries.filter((entry) => !entry.isFolder && comparable(unescaped(entry.name)) === sought);
  const entry = found[0];
  if (entry === undefined) {
    return refuse('metadata-invalid', `The nuspec names a ${name} file that is not in the package.`);
  }
  if (found.length > 1) {
    return refuse('metadata-invalid', `The package holds the ${name} file that the nuspec names more than once.`);
  }
  if (entry.sizeBytes > embeddedBytesMax) {
    return refuse('metadata-invalid', `The embedded ${name} file is larger than ${embeddedBytesMax} bytes.`);
  }
  return archive.read(entry.name);
}

function contentTypeOf(name: 'readme' | 'icon' | 'license', path: string, bytes: Uint8Array): string | Refusal {
  if (name === 'icon') {
    if (beginsWith(bytes, pngStart)) return 'image/png';
    if (beginsWith(bytes, jpegStart)) return 'image/jpeg';
    return refuse('metadata-invalid', 'The embedded icon is neither a PNG nor a JPEG image.');
  }
  if (decodeStrictly(bytes, 'utf-8') === undefined) {
    return refuse('metadata-invalid', `The embedded ${name} file is not valid UTF-8.`);
  }
  return name === 'readme' || /\.md$/i.test(path) ? 'text/markdown' : 'text/plain';
}

function beginsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** NuGet looks entries up without regard to letter case, with either slash. */
function comparable(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .toLowerCase();
}

/** Packing tools percent-encode entry names, as OPC has it. */
export function unescaped(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}
