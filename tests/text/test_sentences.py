"""Where sentences end: hand-segmented news, rule by rule, language by language, and its cost.

In the tables a bar stands where a person ends a sentence; with blanks around it the text has one
blank there, else none.
"""

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.text import sentences
from tests.text.segmented import NEWS, read_documents, right

# Of the kinds of the 48 golden rules of pragmatic_segmenter, in their order; the words are ours.
# All but the 18th and the last, which want a guess; see below.
LIKE_GOLDEN_RULES = [
    "The ship left. | Nobody waved.",
    "Who rang? | It was the post.",
    "They won! | We lost.",
    "Her name is Ada M. Lovell.",
    "See the map on p. 12.",
    "Did Ann and co. win the race?",
    "The bank lent Dow, Hale & Co. at low rates.",
    "We called Ann and co. | They were out.",
    "The bank lent to Dow, Hale & Co. | It was repaid.",
    "They climbed Mt. Elbert at dawn.",
    "St. Mary's Hall is on 4th st. by the pond.",
    "This was Tom Bell Jr.'s boat.",
    "He toured the U.S.A. last May.",
    "She moved to the E.U. | What about him?",
    "She moved to the U.S. | What about him?",
    "He sued the U.S. Navy in Ohio.",
    "We lived in the U.S. for two years.",
    "At 6 a.m. Mrs. Bell fed the hens.",
    "The book costs $12.50 in town.",
    "The book costs $12.50. | That is a lot.",
    "He runs a farm (He was a cook for ten years.) in the hills.",
    "Write to Ann.Bell@post.example. | She will answer.",
    "Look at https://www.post.7.example/a-b/c_d.html. | It has a map.",
    "He turned round, 'We are late.' he said.",
    'He turned round, "We are late." he said.',
    'He turned round, "We are late." | They ran for the bus.',
    "Stop!! | The bridge is out.",
    "What?? | Which bridge?",
    "What!? | Is it out?",
    "What?! | Is it out?",
    "1.) The red door | 2.) The blue door",
    "1.) The red door. | 2.) The blue door.",
    "1) The red door | 2) The blue door",
    "1) The red door. | 2) The blue door.",
    "1. The red door | 2. The blue door",
    "1. The red door. | 2. The blue door.",
    "• 9. The red door | • 10. The blue door",
    "⁃9. The red door | ⁃10. The blue door",
    "a. The red door | b. The blue door | c. The last door",
    "It hangs in room N°. 12.345.678. | Nobody looks at it.",
    "He buys shoes at Zoom! in the old arcade.",
    "They asked for you and I. | Did Edwin I. Stone go too?",
    "She wrote that “all of it will seem less grim. . . .”",
    '"Ames [...] counts the steps of each tower [...]" (Hill 41).',
    "The rule is that dots stand where the end of a passage is missing . . . . | The next begins.",
    "We did not know.... | He shut the door.",
    "I was only ... well, what I saw...look . . . what I mean is . . . I forgot.",
    "The habit that was lost . . . was that of making new words of old ones.",
]
KNOWN_TO_HAVE_BEEN_WRONG = [
    "1. The mayor resigned.",
    "He said no. | They left.",
    "It is on No. 5 of the list.",
    "They cited Sec. 2 of the act.",
    "They cited Art. 9 of the charter.",
    "She loves art. | He does not.",
    "He waited . . . and waited.",
    "The shop shuts at 5 p.m. | Lunch is free.",
    "It shuts at 5 p.m. Monday and at 3 p.m. Eastern time.",
    "They sold well. | iPads did not.",
    "He spoke with the U.S. | China does not know.",
    "The U.S. China policy was new.",
    "I can’t. | Bob can.",
    "यह पहला वाक्य है। | यह दूसरा है।",
    "یہ پہلا جملہ ہے۔ | یہ دوسرا ہے۔",
    "من أنت؟ | أنا أخوك.",
]
ENGLISH = [
    "Mr. Trump met Ms. Takaichi. | They signed.",
    "The U.S. president arrived. | He spoke.",
    "The U.S. Army and the U.K. Navy met in Washington, D.C. on Monday.",
    "They met in the U.S. | The deal followed.",
    "They met in the U.S. | Mr. Xi followed.",
    "J. R. R. Tolkien wrote it. | It sold.",
    "It cost $3.5 billion. | Prices rose 2.5% to 17.04.",
    "Tokyo pledged $550 billion. | Trump agreed.",
    "“We are allies.” | The crowd cheered.",
    "“We came. | We saw. | We left,” he said.",
    "“Why now?” Mr. Xi asked. | Nobody knew.",
    "“Why now?” | He left. | She said nothing.",
    "“Stop!” she told them. | They did.",
    "It was a “big deal.” | He left (at last). | Then it rained.",
    "(He left.) | Then it rained.",
    "Col. (ret.) Amos Reed spoke.",
    "Acme Inc. bought it. | Smith Jr. sold it to Smith Sr. | He kept it.",
    "He works for Acme Inc. | The firm is old.",
    "Really?! | Yes… | No.",
    "He paused … then went on.",
    "It is too close to call... | A recount is under way.",
    "See No. 5 of vol. 3. | Done.",
    "He left on Oct. 28. | She stayed.",
    "He has been out since Feb. | Nobody minds.",
    "LAUREL, D.C. — A man left. | He came back.",
    "9:05 p.m. - Noise in Elm St. | The police came.",
    "Three steps: | 1. Drain it. | 2. Fill it.",
    "Forests are of three kinds: (1) old, (2) young, and (3) none.",
    "(1) Old forests, (2) young ones and (3) none. | That is all.",
    "They counted to 1. | Then 2 was next.",
    "He was born in 1805.[17] | He died in 1840. [18] | So it goes.",
    "mr. smith left at 5 p.m. | he said so . | then it rained.",
    "Of note was Acropora sp. for its colour.",
]
# By hand, in ten languages and ten scripts.
LANGUAGES = [
    "Er kam am 3. Oktober nach Köln. | Dort, z. B. im Dom, war es kühl.",
    "Der 45. Präsident sprach. | „Warum jetzt?“ fragte er. | Das war d. h. zu spät.",
    "Herr Dr. Groß zahlte 3,5 Mio. Euro. | Die Bank schwieg.",
    "M. Dupont habite à Paris. | Il est, p. ex., médecin. | Mme Curie aussi.",
    "« Pourquoi ? » demanda-t-il. | « Je ne sais pas. » | Elle partit.",
    "Il a dit : « Non. »",
    "¿Quién llamó? | El Sr. García no fue. | ¡Qué lástima!",
    "Vive en EE. UU. con la Sra. Gil. | Esto es todo.",
    "А. С. Пушкин родился в 1799 г. в Москве. | Он писал стихи и т. д. | Его любят.",
    "Кто там? | Это ул. Ленина. | Да!",
    "Τι είναι; | Τίποτα. | «Ποιος;» ρώτησε. | Ήρθε ο Γ. Ρίτσος; | «Όχι.»",
    "Selon l’art. 5, c’est non. | C’est de l’art. | Il a tort.",
    "He paid Rs. 500 in Pune. | It was a lot.",
    "डॉ. शर्मा आए। | “क्यों?” उसने पूछा। | कोई नहीं बोला।",
    "وصل د. محمد أمس. | «لماذا؟» سأل الرجل. | لا أحد يعرف!",
    "وہ کل آیا۔ | کیوں؟ | کسی کو معلوم نہیں۔",
    "第一句。|第二句！|“为什么？”他问。|第三句",
    "彼は言った。|「なぜ？」と彼女は聞いた。|誰も知らない。",
    "그는 갔다. | 왜 갔을까? | 아무도 모른다.",
    "ጥሩ ነው። | እሺ።",
    "ကောင်းတယ်။ | ဟုတ်တယ်။",
    "ល្អណាស់។ | បាទ។",
    "Նա եկավ։ | Ո՞վ գիտի։",
    "เขามาถึงเมื่อ พ.ศ. 2560 ที่กรุงเทพฯ แล้วเขาก็กลับไป",
]


@pytest.mark.parametrize(
    "marked", [*LIKE_GOLDEN_RULES, *KNOWN_TO_HAVE_BEEN_WRONG, *ENGLISH, *LANGUAGES]
)
def test_a_line_is_cut_where_a_person_cuts_it(marked: str) -> None:
    text = marked.replace(" | ", " ").replace("|", "")
    assert _split(text) == [part.strip() for part in marked.split("|")]


def test_news_segmented_by_hand_before_any_output_was_seen() -> None:
    """The goal is 93 %; what was reached stays: 296 of the 300."""
    documents = read_documents(NEWS)
    assert sum(len(document.sentences) for document in documents) == 300
    assert sum(right(document, _split(document.text)) for document in documents) >= 296


def test_what_no_rule_of_ours_decides() -> None:
    """Golden rule 18: only sense tells whether "6 p.m. Mr. Bell" is one sentence or two.

    After "He came at 6 p.m." the next may begin; "At 6 p.m." alone says nothing yet.
    """
    assert _split("He came at 6 p.m. Mr. Bell left.") == ["He came at 6 p.m.", "Mr. Bell left."]
    assert _split("At 6 p.m. Mr. Bell left.") == ["At 6 p.m. Mr. Bell left."]


def test_a_line_break_ends_a_sentence_and_offsets_point_into_the_text() -> None:
    text = "  A headline\n\nFirst one. Second\tone.  \n"
    spans = sentences(text)
    assert [s.text for s in spans] == ["A headline", "First one.", "Second\tone."]
    assert all(text[s.start : s.end] == s.text for s in spans)


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u00a0"])
def test_no_text_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


def test_offsets_count_characters_not_bytes() -> None:
    text = "🙂 é́ ok. Ö two."
    assert [text[s.start : s.end] for s in sentences(text)] == ["🙂 é́ ok.", "Ö two."]


PIECES = st.sampled_from(
    [*" \n\t\u00a0.!?…\"'”“«»()[]。？।۔•-", "Mr", "U.S", "p.m", "No", "5", "1.", "2)", "a", "He", "है",
     "iPad", "I", "说", "[17]", "said"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.text())
def test_sentences_are_in_order_and_hold_all_but_the_blanks(text: str) -> None:
    spans = sentences(text)
    end = 0
    for span in spans:
        assert span.text == text[span.start : span.end] == span.text.strip() != ""
        assert text[end : span.start].strip() == ""
        end = span.end
    assert text[end:].strip() == ""


def test_a_sentence_of_the_news_is_one_sentence_on_its_own() -> None:
    for document in read_documents(NEWS):
        for sentence in _split(document.text):
            assert sentence.islower() or _split(sentence) == [sentence]


@pytest.mark.parametrize(
    "piece",
    [
        "The ship left at 5 p.m. with Mr. Bell. ", "a. ", "1. ", ". ", ".", '."', "! ", " ", "(x.) ", "• ",
        "He said: 1. ", "“Why?” Bob ", "“Why?”\t\t", "At 5 p.m. ", "Τι;", "Τι; ", "「行く。」と", "U.S. ", "[1] ", "—. ", "word",
    ],
)  # fmt: skip
def test_the_work_grows_with_the_length_of_a_line_not_with_its_square(piece: str) -> None:
    """Eight times the text takes eight times the processor if linear, 64 times if quadratic.

    No time is judged, only their ratio; the best of some rounds, so that what else the machine
    does can spoil some, and no collection of garbage, which grows with what the process holds.
    """

    def seconds(characters: int) -> float:
        line = (piece * characters)[:characters]
        start = time.process_time()
        sentences(line)
        return time.process_time() - start

    gc.disable()
    try:
        short = min(seconds(15_000) for _ in range(5))
        assert any(seconds(120_000) < 24 * short + 0.01 for _ in range(5))
    finally:
        gc.enable()


def _split(text: str) -> list[str]:
    return [span.text for span in sentences(text)]
