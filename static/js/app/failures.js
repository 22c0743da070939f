/* Failures of htmx are shown in words, never swallowed. */
import { showToast } from "./toasts.js";

const failures = {
  400: "填写的内容有误，没有保存。请检查后再试。",
  401: "登录已过期，请重新登录。",
  403: "当前岗位没有办理这一项的权限，或登录已过期。请刷新页面；仍不行请联系本县系统管理员。",
  404: "这一项已不存在，或不在当前岗位的范围内。请刷新页面。",
  409: "刚刚有人办理过这一项，您的操作没有保存。请刷新页面查看最新情况。",
  413: "文件太大，没有上传。请分开后再试。",
  429: "操作太频繁，请稍等一分钟再试。",
};
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  showToast(failures[status] || "系统出错，没有保存。请稍后再试；仍不行请联系本县系统管理员。", {
    error: true,
    reload: status !== 400 && status !== 413 && status !== 429,
  });
});
document.addEventListener("htmx:sendError", () => {
  showToast("网络连接不上，没有保存。请检查网络后再试，已填写的内容还在页面上。", { error: true });
});
document.addEventListener("htmx:timeout", () => {
  showToast("等待时间过长，请检查网络后再试。", { error: true });
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseText.includes("data-signed-out")) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
