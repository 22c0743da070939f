"""Art. 7(1)5: production damaged or harvest lost; labour without stable employment."""

from screening.criteria.base import Ask, Choice, Criterion, Option, Question, Subcriterion, money_ask

PRODUCTION_LOSS = Subcriterion(
    code="livelihood.production_loss",
    register_word="因产业项目失败",
    label="产业受损或失收",
    tag="产业受损",
    article="Art. 7(1)5",
    clause="第七条（一）5",
    department="agriculture",
    measures=("industry_award", "micro_credit", "farm_training", "temporary_relief"),
)
UNSTABLE_EMPLOYMENT = Subcriterion(
    code="livelihood.unstable_employment",
    register_word="务工就业不稳",
    label="劳动力无法稳定就业",
    tag="就业不稳",
    article="Art. 7(1)5",
    clause="第七条（一）5",
    department="labour",
    measures=("job_referral", "skill_training", "job_post"),
)

WHY_LOST = (
    Choice("weather", "水灾旱灾"),
    Choice("disease", "猪鸡瘟病、病虫害"),
    Choice("market", "价钱跌、卖不掉"),
    Choice("other", "其他"),
)

CRITERION = Criterion(
    code="livelihood",
    label="产业就业",
    tag="产业就业",
    subcriteria=(PRODUCTION_LOSS, UNSTABLE_EMPLOYMENT),
    question=Question(
        title="干活挣钱",
        text="今年种的养的怎么样？家里能干活的人都有活干吗？",
        options=(
            Option(
                "livelihood.loss", "受灾、生病、卖不出去，亏了、绝收", PRODUCTION_LOSS.code,
                asks=(
                    Ask("why", "原因", "choice", WHY_LOST), money_ask("损失"), money_ask("已赔", "compensated"),
                ),
            ),
            Option(
                "livelihood.no_work", "能干活的人没活干，或打工断断续续", UNSTABLE_EMPLOYMENT.code,
                asks=(Ask("people", "几个人", "whole"), Ask("months", "这一年做了几个月", "whole")),
            ),
        ),
    ),
)  # fmt: skip
