import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DescService } from '@bufbuild/protobuf'

/** Every service of every contract, found in the generated files, so that later services are included. */
export async function contractServices(): Promise<readonly DescService[]> {
  const contracts = path.join(
    path.dirname(fileURLToPath(import.meta.resolve('@boxoffice/proto/boxoffice/type/v1/access_pb.ts'))),
    '../..',
  )
  const names = (await readdir(contracts, { recursive: true })).filter((name) => name.endsWith('_pb.ts'))
  const modules = await Promise.all(
    names.sort().map(async (name) => Object.values(await import(path.join(contracts, name)))),
  )
  return modules.flat().filter(isService)
}

function isService(exported: unknown): exported is DescService {
  return (
    typeof exported === 'object' && exported !== null && 'kind' in exported && exported.kind === 'service'
  )
}
