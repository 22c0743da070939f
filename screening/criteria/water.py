"""Art. 7(1)4: drinking water not secured, and no means to solve it."""

from screening.criteria.base import WHOLE_HAMLET, Ask, Criterion, Option, Question, Subcriterion

UNSAFE = Subcriterion(
    code="water.unsafe",
    register_word="因安全饮水",
    label="饮水无保障，无力筹资解决",
    tag="饮水",
    article="Art. 7(1)4",
    clause="第七条（一）4",
    department="water",
    measures=("water_repair",),
)

CRITERION = Criterion(
    code="water",
    label="饮水",
    tag="饮水",
    subcriteria=(UNSAFE,),
    question=Question(
        title="喝水",
        text="家里吃水有没有问题？水干不干净，够不够吃？",
        options=tuple(
            Option(f"water.{code}", words, UNSAFE.code, asks=(Ask("since", "多久了"),), hint="家里拿不出钱修")
            for code, words in (
                ("dirty", "水脏、有味"),
                ("broken", "水管、水池坏了"),
                ("dry", "到旱季没水吃"),
            )
        ),
        asks=(Ask(WHOLE_HAMLET, "全屯都这样", "tick"),),
    ),
)
