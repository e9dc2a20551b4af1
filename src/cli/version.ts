// Who we are: name and version from package.json (put in by the bundler; read from the file when run from source).

import packageJson from '../../package.json' with { type: 'json' };

/** What oclif wants to know of package.json. */
export const PACKAGE = {
  name: packageJson.name,
  version: packageJson.version,
  description: packageJson.description,
  type: 'module',
  oclif: packageJson.oclif,
} as const;

/** `laminar/0.1.0 linux-x64 node-v24.21.0` */
export function versionText(): string {
  return `${PACKAGE.name}/${PACKAGE.version} ${process.platform}-${process.arch} node-${process.version}`;
}
