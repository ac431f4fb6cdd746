/** The rooms of SQL and the ORM, and tests, which read tables. */
const exempt = /\/(storage|testing)\/|\.test\.ts$/

/** The code of services: libraries and the relay have SQL of their own. */
const ofService = /^services\/(?!common\/|outbox-relay\/)[^/]+\/src\//

/** Whether a file may neither call the ORM nor hold SQL. */
export function isOutsideStorage(path: string): boolean {
  return ofService.test(path) && !exempt.test(path)
}

/**
 * Returns the lines that call the ORM or contain SQL, each with its place. Code may pass an EntityManager on without
 * calling it, and imports, which dependency-cruiser checks, do not show the difference.
 */
export function faultsOf(path: string, code: string): string[] {
  return code.split('\n').flatMap((line, index) => {
    const call = line.match(/\bem(\(\))?\.\w+/) ?? line.match(/\.getKysely\b/)
    const sql = line.match(/^\s*(?:.*[=(?:]\s*)?[`'"]?\s*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s+\w/)
    const fault = call?.[0] ?? sql?.[1]
    return fault === undefined || /^\s*(\*|\/\/|\/\*)/.test(line)
      ? []
      : [`${path}:${index + 1}: ${fault} is outside storage/`]
  })
}
