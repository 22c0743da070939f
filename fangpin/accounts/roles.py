"""Who may do what: one table, on one screen."""

from django.db import models


class Role(models.TextChoices):
    VILLAGE_CADRE = "village_cadre", "村“两委”干部"
    WORK_TEAM = "work_team", "驻村工作队员"
    HELPER = "helper", "帮扶联系人"
    TOWNSHIP = "township", "乡镇干部（扶贫站）"
    OFFICE = "office", "县扶贫开发领导小组办公室"
    DIRECTOR = "director", "领导小组办公室主任"
    INFORMATION = "information", "扶贫信息员"
    LEADING_GROUP = "leading_group", "县扶贫开发领导小组"
    DEPARTMENT = "department", "部门经办人"
    FINANCE = "finance", "财政局经办人"
    CITY = "city", "市级查看"
    REGION = "region", "自治区办公室"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "系统管理员"
    CLIENT = "client", "接口用户"
    SECRETARY = "secretary", "县领导小组会务"


# permission → roles that have it. A duty's area narrows every one of them.
PERMISSIONS: dict[str, set[Role]] = {
    "household.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.INFORMATION,
        Role.LEADING_GROUP,
        Role.AUDITOR,
    },
    "household.trail": {Role.OFFICE, Role.AUDITOR},
    "household.export": {Role.TOWNSHIP, Role.OFFICE, Role.INFORMATION, Role.AUDITOR},
    "number.reveal": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.INFORMATION,
        Role.AUDITOR,
    },
    "attachment.add": {Role.VILLAGE_CADRE, Role.WORK_TEAM, Role.HELPER, Role.TOWNSHIP, Role.OFFICE},
    "registry.import": {Role.TOWNSHIP, Role.OFFICE},
    "takeover.close": {Role.OFFICE},
    # Doubts of the registry, and changes of it by hand.
    "registry.quality": {Role.TOWNSHIP, Role.OFFICE, Role.DIRECTOR, Role.INFORMATION, Role.AUDITOR},
    "registry.upkeep": {Role.TOWNSHIP, Role.OFFICE},
    "feed.view": {Role.DEPARTMENT, Role.OFFICE, Role.DIRECTOR, Role.AUDITOR},
    "feed.deliver": {Role.DEPARTMENT, Role.OFFICE},
    "triage.settle": {Role.OFFICE},
    "round.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.INFORMATION,
        Role.LEADING_GROUP,
        Role.DEPARTMENT,
        Role.CITY,
        Role.REGION,
        Role.AUDITOR,
    },
    "round.open": {Role.OFFICE},
    "round.sweep": {Role.OFFICE},
    "lead.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.INFORMATION,
        Role.LEADING_GROUP,
        Role.AUDITOR,
    },
    "lead.export": {Role.TOWNSHIP, Role.OFFICE, Role.AUDITOR},
    # Village reports and hamlet sign-offs.
    "field.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.AUDITOR,
    },
    "field.enter": {Role.VILLAGE_CADRE, Role.WORK_TEAM},
    "field.settle": {Role.TOWNSHIP, Role.OFFICE},
    # Comparison, verification, proposed list.
    "candidate.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.INFORMATION,
        Role.LEADING_GROUP,
        Role.AUDITOR,
    },
    "round.compare": {Role.OFFICE},
    "round.submit": {Role.DIRECTOR},
    "verification.answer": {Role.VILLAGE_CADRE, Role.WORK_TEAM},
    "verification.confirm": {Role.TOWNSHIP},
    "candidate.carry": {Role.OFFICE},
    "candidate.list": {Role.OFFICE},
    "candidate.export": {Role.TOWNSHIP, Role.OFFICE, Role.DIRECTOR, Role.AUDITOR},
    "inquiry.view": {Role.DEPARTMENT, Role.OFFICE, Role.DIRECTOR, Role.AUDITOR},
    "inquiry.reply": {Role.DEPARTMENT},
    # Meetings. Who prepares does not sign; who verified does not sign (checked at signing).
    "meeting.view": {
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.SECRETARY,
        Role.INFORMATION,
        Role.AUDITOR,
    },
    "meeting.prepare": {Role.OFFICE},
    "meeting.register": {Role.SECRETARY, Role.DIRECTOR},
    "meeting.sign": {Role.LEADING_GROUP, Role.SECRETARY, Role.DIRECTOR},
    # Cases; lamps are counted for whoever answers for the area.
    "lamp.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.INFORMATION,
        Role.LEADING_GROUP,
        Role.CITY,
        Role.REGION,
        Role.AUDITOR,
    },
    "case.export": {Role.TOWNSHIP, Role.OFFICE, Role.INFORMATION, Role.AUDITOR},
    "follower.assign": {Role.TOWNSHIP, Role.OFFICE},
    # The catalogue of measures: the region's, with a county's standards.
    "catalogue.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.DEPARTMENT,
        Role.FINANCE,
        Role.CITY,
        Role.REGION,
        Role.AUDITOR,
    },
    "catalogue.draft": {Role.OFFICE, Role.REGION},
    "catalogue.release": {Role.DIRECTOR, Role.REGION},
    # Order sheets: the office prepares, its director signs, the department answers (Art. 8).
    "order.view": {Role.DEPARTMENT, Role.OFFICE, Role.DIRECTOR, Role.LEADING_GROUP, Role.AUDITOR},
    "order.prepare": {Role.OFFICE},
    "order.sign": {Role.DIRECTOR},
    "order.answer": {Role.DEPARTMENT},
    # Measures: a department plans and delivers, the office files.
    "measure.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.DEPARTMENT,
        Role.AUDITOR,
    },
    "measure.plan": {Role.DEPARTMENT},
    "measure.file": {Role.OFFICE},
    "measure.export": {Role.DEPARTMENT, Role.OFFICE, Role.DIRECTOR, Role.AUDITOR},
    # Income plans of lifted households (Art. 4).
    "plan.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.AUDITOR,
    },
    "plan.make": {Role.VILLAGE_CADRE, Role.HELPER},
    "plan.track": {Role.VILLAGE_CADRE, Role.WORK_TEAM, Role.HELPER},
    "plan.export": {Role.TOWNSHIP, Role.OFFICE, Role.AUDITOR},
    # Follow-up and release (Art. 9): village, township, then the county's meeting.
    "visit.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.AUDITOR,
    },
    "visit.make": {Role.VILLAGE_CADRE, Role.WORK_TEAM, Role.HELPER, Role.TOWNSHIP},
    "visit.export": {Role.TOWNSHIP, Role.OFFICE, Role.AUDITOR},
    "release.view": {
        Role.VILLAGE_CADRE,
        Role.WORK_TEAM,
        Role.HELPER,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.AUDITOR,
    },
    "release.evaluate": {Role.VILLAGE_CADRE},
    "release.review": {Role.TOWNSHIP},
    # Money (Art. 10, 11): a department applies, poverty office and finance approve, the leading group files,
    # finance pays.
    "fund.view": {
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.SECRETARY,
        Role.DEPARTMENT,
        Role.FINANCE,
        Role.AUDITOR,
    },
    "fund.source": {Role.FINANCE},
    "fund.apply": {Role.DEPARTMENT},
    "fund.approve_office": {Role.DIRECTOR},
    "fund.approve_finance": {Role.FINANCE},
    "fund.decide": {Role.DIRECTOR, Role.FINANCE, Role.LEADING_GROUP},
    "fund.register": {Role.SECRETARY},
    "fund.file": {Role.LEADING_GROUP, Role.SECRETARY},
    "fund.export": {
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.DEPARTMENT,
        Role.FINANCE,
        Role.AUDITOR,
    },
    "payment.view": {Role.OFFICE, Role.DIRECTOR, Role.LEADING_GROUP, Role.FINANCE, Role.AUDITOR},
    "payment.make": {Role.FINANCE},
    "fund.close": {Role.FINANCE},
    # Public statement by village, without private data.
    "fund.statement": {
        Role.VILLAGE_CADRE,
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.FINANCE,
        Role.AUDITOR,
    },
    # Households' bank accounts: the village gets them, the township and the office look after them.
    "account.view": {Role.VILLAGE_CADRE, Role.TOWNSHIP, Role.OFFICE, Role.AUDITOR},
    "account.export": {Role.TOWNSHIP, Role.OFFICE, Role.AUDITOR},
    "account.edit": {Role.VILLAGE_CADRE, Role.TOWNSHIP, Role.OFFICE},
    # The national system.
    "national.view": {Role.INFORMATION, Role.OFFICE, Role.DIRECTOR, Role.CLIENT, Role.AUDITOR},
    "national.pull": {Role.INFORMATION, Role.CLIENT},
    "national.answer": {Role.INFORMATION, Role.CLIENT},
    "national.correct": {Role.INFORMATION, Role.OFFICE},
    # People and duties; no personal data of households.
    "user.manage": {Role.ADMINISTRATOR},
    # Who exported what in one's area; the files stay with whoever made them.
    "export.history": {Role.OFFICE, Role.AUDITOR},
    # Working days, which deadlines count in.
    "calendar.confirm": {Role.OFFICE, Role.ADMINISTRATOR},
    # Parameters of the regulation: the region sets them, a county those left to it; trying them changes
    # nothing.
    "policy.view": {
        Role.TOWNSHIP,
        Role.OFFICE,
        Role.DIRECTOR,
        Role.LEADING_GROUP,
        Role.CITY,
        Role.REGION,
        Role.AUDITOR,
    },
    "policy.draft": {Role.OFFICE, Role.REGION},
    "policy.release": {Role.DIRECTOR, Role.REGION},
    "policy.acknowledge": {Role.OFFICE, Role.DIRECTOR},
    "policy.simulate": {Role.OFFICE, Role.DIRECTOR, Role.REGION},
}

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    role.value: frozenset(permission for permission, roles in PERMISSIONS.items() if role in roles)
    for role in Role
}
