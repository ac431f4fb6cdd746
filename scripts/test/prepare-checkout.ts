import { buildPage } from '../console-page.ts'
import { classArchiveFlags } from '../platform/kafka/class-archive.ts'
import { fetchKafka } from '../platform/kafka/fetch.ts'

/**
 * Makes what a checkout has once: Kafka's jars, the archive of their classes, and the console's page. Whatever fails here fails again in
 * the tests that need it, which say so.
 */
export async function prepareCheckout(): Promise<void> {
  await Promise.allSettled([fetchKafka().then(classArchiveFlags), buildPage()])
}
