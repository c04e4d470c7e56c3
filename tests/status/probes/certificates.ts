/** A certificate authority of a test's own, made with openssl: a root, one certificate between, and leaves with whatever dates and names. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const dayMs = 86_400_000;

export interface Leaf {
  readonly key: string;
  /** The leaf alone, PEM. */
  readonly certificate: string;
  /** With the certificate between it and the root. */
  readonly chain: string;
  readonly certificateFile: string;
}

export interface Authority {
  /** Path of the root, PEM. */
  readonly rootFile: string;
  readonly root: string;
  /** @param from and @param until in milliseconds from now */
  leaf(name: string, from?: number, until?: number): Promise<Leaf>;
}

const config = `
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = made
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
`;

/** @param folder that it may fill */
export async function certificateAuthority(folder: string): Promise<Authority> {
  const openssl = (...args: readonly string[]) => run('openssl', [...args], { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'ca.cnf'];
  await mkdir(join(folder, 'made'));
  await writeFile(join(folder, 'ca.cnf'), config);
  await writeFile(join(folder, 'index.txt'), '');
  await openssl(
    ...[
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=Root of a test',
      '-days',
      '3650',
      '-keyout',
      'root.key',
      '-out',
      'root.pem',
    ],
    ...['-addext', 'basicConstraints=critical,CA:TRUE'],
  );
  let count = 0;
  const sign = async (subject: string, extensions: string, by: string, from: number, until: number) => {
    count += 1;
    const name = `${count}`;
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl('req', '-new', ...newKey, '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const dates = ['-startdate', stamp(from), '-enddate', stamp(until)];
    await openssl(
      ...['ca', '-config', 'ca.cnf', '-batch', '-notext', '-cert', `${by}.pem`, '-keyfile', `${by}.key`, ...dates],
      ...['-extfile', `${name}.ext`, '-in', `${name}.csr`, '-out', `${name}.pem`],
    );
    return name;
  };
  const text = (file: string) => readFile(join(folder, file), 'utf8');
  const between = await sign('Between', 'basicConstraints=critical,CA:TRUE', 'root', -3_000 * dayMs, 3_000 * dayMs);
  return {
    rootFile: join(folder, 'root.pem'),
    root: await text('root.pem'),
    async leaf(name, from = -dayMs, until = 89 * dayMs) {
      const made = await sign(name, `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE`, between, from, until);
      const certificate = await text(`${made}.pem`);
      return {
        key: await text(`${made}.key`),
        certificate,
        chain: `${certificate}${await text(`${between}.pem`)}`,
        certificateFile: join(folder, `${made}.pem`),
      };
    },
  };
}

/** As openssl wants it: 20261121205300Z. */
function stamp(fromNowMs: number): string {
  return new Date(Date.now() + fromNowMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
}
