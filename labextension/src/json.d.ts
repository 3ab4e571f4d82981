/** npm keeps the version there; the bundler takes just that out of it. */
declare module '*/package.json' {
  export const version: string;
}
