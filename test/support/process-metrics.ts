import type { TestSystem } from './shared-system.ts'

/**
 * The metrics of all our processes with a matching name. Each key is the process's address, the name and the labels.
 */
export async function metricsOf(system: TestSystem, name: RegExp): Promise<ReadonlyMap<string, number>> {
  const { services, relays, console } = system.addresses
  const addresses = [
    ...Object.values(services).flatMap(({ metrics }) => metrics),
    ...Object.values(relays).flatMap(({ metrics }) => metrics),
    ...console.map(({ metrics }) => metrics),
  ]
  const scrapes = addresses.map(async (address) => {
    const text = await (await fetch(`http://${address}/metrics`)).text()
    return [...text.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm)]
      .filter(([, found = '']) => name.test(found))
      .map(([, found, labels = '', value]) => [`${address} ${found}${labels}`, Number(value)] as const)
  })
  return new Map((await Promise.all(scrapes)).flat())
}
