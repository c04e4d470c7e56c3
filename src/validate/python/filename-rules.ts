/**
 * What the public gallery asks of file names beyond what installers read: one spelling of name and version (PEP 625, PEP 427),
 * and platforms of which it is known on which machines they run.
 */
import type { PythonVersion, WheelFilename } from '../../identity/python.ts';
import { shownName } from '../archive/entry-names.ts';
import type { PythonRules } from './rules.ts';

/** @returns a whole sentence, or undefined when the name is as it has to be */
export function sdistFilenameProblem(
  filename: string,
  normalizedName: string,
  version: PythonVersion,
  rules: PythonRules,
): string | undefined {
  const expected = `${normalizedName.replaceAll('-', '_')}-${version.normalized}.tar.gz`;
  if (rules.has('legacy-filenames') || filename === expected) return undefined;
  return `The file is named ${shownName(filename)}, but must be named ${shownName(expected)} (PEP 625).`;
}

/** @returns a whole sentence, or undefined when the name is as it has to be */
export function wheelFilenameProblem(filename: string, named: WheelFilename, rules: PythonRules): string | undefined {
  const expected = named.normalizedName.replaceAll('-', '_');
  if (!rules.has('legacy-filenames') && named.name !== expected) {
    return `The file is named ${shownName(filename)}, but its name must start with ${shownName(expected)} (PEP 427).`;
  }
  for (const platform of named.platforms) {
    if (isPublicPlatform(platform)) continue;
    if (!isNativePlatform(platform)) return `The wheel is for the platform ${shownName(platform)}, which nobody knows.`;
    if (rules.has('native-platforms')) continue;
    return (
      `The wheel is for the platform ${shownName(platform)}, which is what one machine calls itself; ` +
      'this gallery takes portable ones only, such as manylinux_2_28_x86_64.'
    );
  }
  return undefined;
}

const fixedPlatforms = new Set([
  'any',
  'win32',
  'win_amd64',
  'win_arm64',
  'win_ia64',
  // Two boards whose wheels have always been taken.
  'linux_armv6l',
  'linux_armv7l',
]);

/** PEP 600, 656, 730, 738, 783 and the platform tags of macOS, from 11 on with the minor version 0 only. */
const publicPlatforms: readonly RegExp[] = [
  /^manylinux(?:1_(?:x86_64|i686)|2010_(?:x86_64|i686)|2014_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x))$/,
  /^manylinux_[0-9]+_[0-9]+_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x|riscv64)$/,
  /^musllinux_[0-9]+_[0-9]+_(?:x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64)$/,
  /^macosx_(?:10_[0-9]+|(?:1[1-5]|2[6-9])_0)_(?:ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2)$/,
  /^ios_[0-9]+_[0-9]+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)$/,
  /^android_[0-9]+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)$/,
  /^pyemscripten_[0-9]+_[0-9]+_wasm32$/,
];

function isPublicPlatform(platform: string): boolean {
  return fixedPlatforms.has(platform) || publicPlatforms.some((pattern) => pattern.test(platform));
}

/** What `sysconfig.get_platform()` says on the systems that Python is built for, and unusual kinds of the portable ones. */
const nativePlatforms: readonly RegExp[] = [
  /^(?:linux|macosx|win|manylinux|musllinux|cygwin|msys|mingw)_[a-z0-9_]+$/,
  /^(?:freebsd|openbsd|netbsd|dragonfly|solaris|sunos|aix|os400|hp_ux|haiku|gnu|vxworks|zos|serenityos)_[a-z0-9_]+$/,
  /^(?:emscripten|pyodide|wasi)_[a-z0-9_]+$/,
];

function isNativePlatform(platform: string): boolean {
  return nativePlatforms.some((pattern) => pattern.test(platform));
}
