/** A workspace that is useful without the rest of Boxoffice. */
export interface PackageSource {
  /** The path from the repository's root. */
  readonly folder: string
  /**
   * The command that the package of a process installs. `entry` is its source, relative to the folder. A library has
   * none.
   */
  readonly command?: { readonly name: string; readonly entry: string }
}

/** The packages that `npm run build:packages` builds. */
export const packages: readonly PackageSource[] = [
  { folder: 'services/common/saga' },
  { folder: 'services/common/kafka' },
  { folder: 'services/common/pacing' },
  { folder: 'services/common/messaging' },
  { folder: 'services/common/messaging-protobuf' },
  { folder: 'services/outbox-relay', command: { name: 'outbox-relay', entry: 'src/bin.ts' } },
]
