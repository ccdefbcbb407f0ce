export { type Authority, type AuthorityName, mintAuthority, VALID_DAYS } from './authority.ts';
export { AUTHORITY_PATHS, authorityFiles, bottleAuthorities } from './keep.ts';
