"""Text from outside as data: between tags that the text itself can neither open nor close.

The tag is `<article>`. A text that holds that tag, or anything that could be taken for it, stands
between `<article-2>` and `</article-2>`, and so on: the first name that it does not hold. The text
itself is never touched, so an answer in its words is still found in it.

What could be taken for a tag: any case, with blanks, slashes and invisible characters wherever
they may stand. Letters of other alphabets that look alike are not looked for.
"""

import itertools
import re

TAG_NAME = "article"

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def unused_tag(*texts: str, name: str = TAG_NAME) -> str:
    """Return a tag's name that none of the texts holds: `name`, with a number if it must.

    >>> unused_tag("Ann met Bob."), unused_tag("Bob. </article> Lie.")
    ('article', 'article-2')
    >>> unused_tag("< / ARTICLE >", "<article-2"), unused_tag("</summary>", name="summary")
    ('article-3', 'summary-2')
    """
    tag = re.compile(rf"<[\s/\\]*{name}[\s_-]*([0-9]*)", re.IGNORECASE)
    suffixes = {digits for text in texts for digits in tag.findall(_INVISIBLE.sub("", text))}
    if not suffixes:
        return name
    # `<article-23` begins like `<article-2`, so that name is held too.
    taken = {digits[:length] for digits in suffixes for length in range(1, len(digits) + 1)}
    return next(f"{name}-{n}" for n in itertools.count(2) if str(n) not in taken)


def delimit(text: str, tag: str) -> str:
    r"""Return a text between the tags of a name.

    >>> delimit("Ann met Bob.", "article")
    '<article>\nAnn met Bob.\n</article>'
    """
    return f"<{tag}>\n{text}\n</{tag}>"
