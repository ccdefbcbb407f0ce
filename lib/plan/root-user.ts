/** Whether `user` of a container is uid 0, by name or number, as the engine parses it. */
export const isRootUser = (user: string): boolean => /^(?:root|[+-]?0+)(?::|$)/.test(user.trim());
