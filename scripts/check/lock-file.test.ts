import { expect } from 'chai'
import { completed, faultsOf } from './lock-file.ts'

describe('The lock file', () => {
  const incomplete = {
    packages: {
      'node_modules/tool': {
        dev: true,
        version: '1.2.3',
        optionalDependencies: { '@tool/cli-linux-x64-musl': '1.2.3', '@tool/cli-win32-arm64': '1.2.3' },
      },
      'node_modules/@tool/cli-win32-arm64': { version: '1.2.3' },
    },
  }

  it('is at fault when an optional package is missing, which npm ci would refuse', () => {
    expect(faultsOf(incomplete)).to.have.length(1)
    expect(faultsOf(incomplete)[0]).to.include('node_modules/@tool/cli-linux-x64-musl is missing')
  })

  it('is completed with an entry that says which system the package is for', () => {
    const lock = completed(incomplete)
    expect(faultsOf(lock)).to.deep.equal([])
    expect(lock.packages['node_modules/@tool/cli-linux-x64-musl']).to.deep.equal({
      version: '1.2.3',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    })
    expect(lock.packages['node_modules/@tool/cli-win32-arm64']).to.deep.equal({ version: '1.2.3' })
  })

  it('is at fault when it names a registry', () => {
    const lock = {
      packages: { 'node_modules/a': { version: '1.0.0', resolved: 'https://mirror.example/a.tgz' } },
    }
    expect(faultsOf(lock)[0]).to.include('node_modules/a names the registry')
  })
})
