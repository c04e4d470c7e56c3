/**
 * The yardstick: a node:http server of one process that does nothing but answer. `run bench/servers/bare.ts JSON` with
 * `{port, files: {"/path": {file, headers, isStreamed}}}`; what is not streamed is sent from memory. A known If-None-Match is 304.
 */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';

export interface BareFile {
  readonly file: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly isStreamed: boolean;
}

export interface BareOrder {
  readonly port: number;
  readonly files: Readonly<Record<string, BareFile>>;
}

function serve({ port, files }: BareOrder): void {
  const known = new Map(
    Object.entries(files).map(([path, { file, headers, isStreamed }]) => {
      const tag = '"bare"';
      const all = [...headers, 'ETag', tag];
      const length = ['Content-Length', String(statSync(file).size)];
      const body = isStreamed ? undefined : readFileSync(file);
      return [path, { file, body, tag, headers: all, withLength: [...all, ...length] }];
    }),
  );
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const found = known.get(request.url ?? '');
    if (!found) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === found.tag) response.writeHead(304, found.headers).end();
    else {
      response.writeHead(200, found.withLength);
      if (found.body) response.end(found.body);
      else pipeline(createReadStream(found.file), response).catch(() => response.destroy());
    }
  });
  server.listen(port, '127.0.0.1');
}

serve(JSON.parse(process.argv.at(-1) ?? '') as BareOrder);
