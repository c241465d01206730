// What the scripts read of the page's data; harness/report/content/page.py has all of it, with its meaning.

type Mark = [start: number, end: number, says: string[]];
type Marked = { text: string; marks: Mark[] };

type Role = "model" | "floor" | "oracle" | "people";

type Prompt = { name: string; version: number; sha256: string };

type Value = { metric: string; is_share: boolean; is_difference: boolean };

type BoardRow = { model: string; role: Role; rank: number | null; place: number; prompt: Prompt | null; primary: Value; secondary: Value[] };

type Copy = { head: string; rows: string[]; foot: string };

type ExampleIndex = {
  ids: string[];
  titles: string[];
  articles: string[];
  kinds: (string | null)[];
  answerable: (boolean | null)[];
  chunks: number[];
  scores: ((number | null)[] | null)[];
  failed: number[][];
  cut: number[][];
  before: ((number | null)[] | null)[] | null;
};

type Group = {
  id: string;
  title: string;
  task: "summarize" | "answer";
  metric: string;
  models: string[];
  rows: BoardRow[];
  examples: ExampleIndex;
  copies: { markdown: Copy; csv: Copy; latex: Copy };
};

type Message = { role: string; pieces: { text: string; field: string | null }[] };

type Page = {
  groups: Group[];
  how: { prompts: Record<string, { name: string; version: number; messages: Message[] }> };
  comparison: { base: string } | null;
  chunk_files: { number: number; file: string }[];
};

type Verdict = "right" | "in part" | "wrong" | "left out" | "made up" | "silent" | "failed";

type ReaderAnswer = { question: number; verdict: Verdict; answer: string; f1: number | null; told: boolean };

type ClaimSaid = {
  name: string;
  start: number;
  end: number;
  numbers: Record<string, number>;
  source_start: number | null;
  source_end: number | null;
  spans: [start: number, end: number, probability: number][];
  said: string | null;
  error: string | null;
};

type JudgeSaid = { judge: string; claims: ClaimSaid[] };

type PairSaid = {
  judge: string;
  against: string;
  wins: number | null;
  changed: boolean;
  reasons: [first: string | null, second: string | null];
  errors: [first: string | null, second: string | null];
};

type Output = {
  model: number;
  text: Marked;
  raw: string | null;
  error: string | null;
  missing: boolean;
  scores: Record<string, number>;
  best_reference: number | null;
  unsupported: { what: string; text: string }[];
  sentences: { start: number; end: number; support: number; source_start: number | null; source_end: number | null }[];
  reader_answers: ReaderAnswer[];
  opinions: JudgeSaid[];
  pairs: PairSaid[];
  span: { start: number; end: number; recorded: boolean; told: string } | null;
  cut: { article: string; share: number }[];
  source_tokens: number | null;
  kept_tokens: number | null;
  output_tokens: number | null;
  seconds: number | null;
  confidence: number | null;
  no_answer_probability: number | null;
  windows: number | null;
  candidates: { text: string; score: number }[];
  finish: string | null;
  served_by: string | null;
  price: number | null;
};

type Example = {
  group: string;
  id: string;
  article: string;
  question: string | null;
  kind: string | null;
  answerable: boolean | null;
  words: [number, number] | null;
  references: string[];
  reader: string | null;
  questions: { id: string; question: string; answers: string[]; weight: number | null }[];
  judged_references: { marks: Mark[]; reader_answers: ReaderAnswer[]; opinions: JudgeSaid[] }[];
  evidence_missing: string[];
  marks: Mark[];
  outputs: Output[];
  before: Output[];
};

type Source = { id: string; title: string; outlet: string | null; date: string | null; text: Marked };

type Chunk = { number: number; sources: Record<string, Source>; examples: Example[] };

/** What a script beside the page calls with its examples. */
interface Window {
  harnessChunk?: (number: number, chunk: Chunk) => void;
  trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createScriptURL(address: string): string },
    ): { createScriptURL(address: string): string };
  };
}
