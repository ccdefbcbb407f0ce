export { type Authority, type AuthorityName, mintAuthority, VALID_DAYS } from './authority.ts';
export { authorityFiles, bottleAuthorities } from './keep.ts';
