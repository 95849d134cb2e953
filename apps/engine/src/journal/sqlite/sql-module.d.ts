/** SQL files are imported as text: `import script from './x.sql' with { type: 'text' }`. */
declare module '*.sql' {
  const script: string;
  export default script;
}
