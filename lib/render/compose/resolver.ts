/**
 * For a container that has no way out: the engine's resolver still answers for the bottle's aliases, anything else has
 * nowhere to go. Engines before 25.0.5 forward such queries to the host's resolver otherwise (CVE-2024-29018).
 */
export const NO_OUTSIDE_NAMES = { dns: ['127.0.0.1'], dns_opt: ['timeout:1', 'attempts:1'] } as const;
